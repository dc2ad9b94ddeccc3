# Reductions over the rows that share a segment: the edges of a node, the nodes of a graph.  `segment` names the segment of each row, from
# 0, in any order; `segments` is their number.

## The sum of each segment; 0 where it is empty.  [E, ..S], [E] -> [segments, ..S].
##
##     segment_sum([1.0, 2.0, 4.0], [1, 0, 1], segments = 3) == [2.0, 5.0, 0.0]
fn segment_sum(x: f[E, ..S], segment: i32[E], segments: int) -> y {
  y[i < segments, ..s < S] = 0.0
  y[segment[e], ..s] += x[e, ..s]
}

## The mean of each segment; 0 where it is empty.  [E, ..S], [E] -> [segments, ..S].
##
##     segment_mean([1.0, 2.0, 4.0], [1, 0, 1], segments = 3) == [2.0, 2.5, 0.0]
fn segment_mean(x: f[E, ..S], segment: i32[E], segments: int) -> y {
  total = segment_sum(x, segment, segments)
  count[i < segments] = 0.0
  count[segment[e]] += 1.0
  y[i, ..s] = total[i, ..s] / max(count[i], 1)
}

## The largest of each segment, the first on ties; `empty` where it has none.  [E, ..S], [E] -> [segments, ..S].
##
##     segment_max([1.0, 2.0, 4.0], [1, 0, 1], segments = 3, empty = 0) == [2.0, 4.0, 0.0]
fn segment_max(x: f[E, ..S], segment: i32[E], segments: int, empty: float = -inf) -> y {
  y[i < segments, ..s < S] = -inf
  y[segment[e], ..s] max= x[e, ..s]
  if empty > -inf {
    count[i < segments] = 0
    count[segment[e]] += 1
    y[i, ..s] = if count[i] == 0 then empty else y[i, ..s]
  }
}

## softmax among the rows of each segment.  [E, ..S], [E] -> [E, ..S].
##
##     segment_softmax([0.0, 5.0, log(3.0)], [1, 0, 1], segments = 2) ≈ [0.25, 1.0, 0.75]
fn segment_softmax(x: f[E, ..S], segment: i32[E], segments: int) -> y {
  m = stop_gradient(segment_max(x, segment, segments))
  p[e, ..s] = exp(x[e, ..s] - m[segment[e], ..s])
  total = segment_sum(p, segment, segments)
  y[e, ..s] = p[e, ..s] / total[segment[e], ..s]
}
