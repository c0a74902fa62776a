package model

import "time"

// Metric is one quantity of a node whose past is kept.
type Metric uint8

// The metrics with a past.
const (
	MetricPaused     Metric = iota // share of the interval, 0..1
	MetricRecvQueue                // write-sets
	MetricSendQueue                // write-sets
	MetricReplicated               // write-sets per second
	MetricReceived                 // write-sets per second
	MetricQuestions                // statements per second
	MetricRunning                  // threads
	MetricConflicts                // certification failures and brute-force aborts per second
	MetricBrake                    // share of the interval in which writers were paused, of a node that asked for it; else 0
	metrics
)

var metricOf = [metrics]func(*Node) Real{
	MetricPaused:     func(n *Node) Real { return n.Rates.Paused },
	MetricRecvQueue:  func(n *Node) Real { return n.Status().RecvQueue.real() },
	MetricSendQueue:  func(n *Node) Real { return n.Status().SendQueue.real() },
	MetricReplicated: func(n *Node) Real { return n.Rates.Replicated },
	MetricReceived:   func(n *Node) Real { return n.Rates.Received },
	MetricQuestions:  func(n *Node) Real { return n.Rates.Questions },
	MetricRunning:    func(n *Node) Real { return n.Status().ThreadsRunning.real() },
	MetricConflicts: func(n *Node) Real {
		if !n.Rates.CertFailures.Known && !n.Rates.BFAborts.Known {
			return Real{}
		}
		return R(n.Rates.CertFailures.V + n.Rates.BFAborts.V)
	},
	MetricBrake: func(n *Node) Real {
		if !n.Rates.FCSent.Known || !n.Rates.Paused.Known {
			return Real{}
		}
		if n.Rates.FCSent.V > 0 || n.Status().Pausing() {
			return n.Rates.Paused
		}
		return R(0)
	},
}

func (n Num) real() Real { return Real{V: float64(n.V), Known: n.Known} }

// History keeps the last points of every metric of every node, one a tick, in
// 4 bytes each. It is not safe for concurrent use.
type History struct {
	depth int
	ticks uint64
	times []time.Time
	nodes map[string]*[metrics][]float32
}

// NewHistory makes a history that is depth ticks deep.
func NewHistory(depth int) *History {
	return &History{depth: depth, times: make([]time.Time, depth), nodes: make(map[string]*[metrics][]float32)}
}

// unseen marks a tick at which a value was not known.
const unseen = float32(-1)

// Add appends one point a metric. A node that did not answer leaves a gap.
func (h *History) Add(s *Snapshot) {
	at := int(h.ticks % uint64(h.depth))
	h.times[at] = s.At
	for _, series := range h.nodes {
		for m := range series {
			series[m][at] = unseen
		}
	}
	for _, n := range s.Nodes {
		series := h.nodes[n.ID]
		if series == nil {
			series = h.blank()
			h.nodes[n.ID] = series
		}
		if !n.Up() {
			continue
		}
		for m := range series {
			if v := metricOf[m](n); v.Known && v.V >= 0 {
				series[m][at] = float32(v.V)
			}
		}
	}
	h.ticks++
}

func (h *History) blank() *[metrics][]float32 {
	var series [metrics][]float32
	points := make([]float32, h.depth*int(metrics))
	for i := range points {
		points[i] = unseen
	}
	for m := range series {
		series[m] = points[m*h.depth : (m+1)*h.depth]
	}
	return &series
}

// Len is how many ticks are kept now, at most the depth.
func (h *History) Len() int { return int(min(h.ticks, uint64(h.depth))) }

// Last copies the newest points of one metric into dst, the oldest first, and
// returns the part of dst that is filled. Unknown points are unknown Reals.
func (h *History) Last(node string, m Metric, dst []Real) []Real {
	series, n := h.nodes[node], min(len(dst), h.Len())
	if series == nil {
		return dst[:0]
	}
	for i := range n {
		tick := h.ticks - uint64(n) + uint64(i)
		v := series[m][tick%uint64(h.depth)]
		dst[i] = Real{V: float64(v), Known: v != unseen}
		if !dst[i].Known {
			dst[i].V = 0
		}
	}
	return dst[:n]
}
