//! What to keep: the least that lies between what cannot be had again and what the reverse sweep asks for.
//!
//! Values are nodes, each as dear as the words it takes; the least set of nodes that every way from a source to a value
//! asked for passes through is a minimum cut, found by augmenting paths.

use std::collections::VecDeque;

use crate::ir::V;
use crate::ir::table::FastMap;

/// Dearer than all that can be kept.
pub(super) const NEVER: u64 = u64::MAX / 4;

/// The most augmenting paths and edges: beyond that the function is so large that nobody waits for the best.
const MOST: usize = 4_000;

#[derive(Default)]
pub(super) struct Graph {
    /// For each node its edges, two nodes for each value.
    edges: Vec<Vec<usize>>,
    /// Where an edge leads, and what it has left. Its reverse stands beside it.
    to: Vec<(usize, u64)>,
    nodes: FastMap<V, usize>,
    values: Vec<V>,
}

const SOURCE: usize = 0;
const SINK: usize = 1;

impl Graph {
    pub(super) fn new() -> Graph {
        Graph {
            edges: vec![Vec::new(), Vec::new()],
            ..Graph::default()
        }
    }

    pub(super) fn contains(&self, v: V) -> bool {
        self.nodes.contains_key(&v)
    }

    /// A value that takes so many words.
    pub(super) fn value(&mut self, v: V, words: u64) {
        let at = self.edges.len();
        self.edges.extend([Vec::new(), Vec::new()]);
        self.nodes.insert(v, at);
        self.values.push(v);
        self.edge(at, at + 1, words);
    }

    pub(super) fn source(&mut self, v: V) {
        let at = self.nodes[&v];
        self.edge(SOURCE, at, NEVER);
    }

    pub(super) fn asked(&mut self, v: V) {
        let at = self.nodes[&v];
        self.edge(at + 1, SINK, NEVER);
    }

    /// `b` is computed from `a`.
    pub(super) fn makes(&mut self, a: V, b: V) {
        let (a, b) = (self.nodes[&a], self.nodes[&b]);
        self.edge(a + 1, b, NEVER);
    }

    fn edge(&mut self, from: usize, to: usize, room: u64) {
        self.edges[from].push(self.to.len());
        self.to.push((to, room));
        self.edges[to].push(self.to.len());
        self.to.push((from, 0));
    }

    /// The cut nearest to what is asked for; `None` where it takes too long, or something cannot be kept.
    pub(super) fn cut(mut self) -> Option<Vec<V>> {
        if self.to.len() > 2 * MOST {
            return None;
        }
        let mut paths = 0;
        while let Some(way) = self.way() {
            let room = way.iter().map(|e| self.to[*e].1).min().unwrap_or(0);
            paths += 1;
            if room >= NEVER || paths > MOST {
                return None;
            }
            for e in way {
                self.to[e].1 -= room;
                self.to[e ^ 1].1 += room;
            }
        }
        let near = self.near_sink();
        let cut = |v: &&V| {
            let at = self.nodes[v];
            !near[at] && near[at + 1]
        };
        Some(self.values.iter().filter(cut).copied().collect())
    }

    /// A shortest way on which there is room.
    fn way(&self) -> Option<Vec<usize>> {
        let mut by = vec![None; self.edges.len()];
        let mut queue = VecDeque::from([SOURCE]);
        while let Some(at) = queue.pop_front() {
            for &e in &self.edges[at] {
                let (to, room) = self.to[e];
                if room > 0 && to != SOURCE && by[to].is_none() {
                    by[to] = Some(e);
                    queue.push_back(to);
                }
            }
        }
        let mut way = Vec::new();
        let mut at = SINK;
        while at != SOURCE {
            let e = by[at]?;
            way.push(e);
            at = self.to[e ^ 1].0;
        }
        Some(way)
    }

    /// The nodes from which there is room on a way to what is asked for.
    fn near_sink(&self) -> Vec<bool> {
        let mut near = vec![false; self.edges.len()];
        near[SINK] = true;
        let mut work = vec![SINK];
        while let Some(at) = work.pop() {
            for &e in &self.edges[at] {
                // The reverse of an edge from `at` leads to it.
                let from = self.to[e].0;
                if self.to[e ^ 1].1 > 0 && !near[from] {
                    near[from] = true;
                    work.push(from);
                }
            }
        }
        near
    }
}
