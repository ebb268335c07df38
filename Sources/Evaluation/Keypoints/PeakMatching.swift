import Geometry

/// Which peaks of one kind in one image are objects, and which object each is.
///
/// A peak and an object may belong together if they are at most a radius apart, and each to one other
/// alone. Of all ways the matching is the one
///
/// - with the most pairs among the k highest peaks, whatever k: so a peak's verdict does not depend on the
///   threshold, and at each threshold as many are right as can be;
/// - and of those the one with the smallest sum of distances.
///
/// The first is found by augmenting paths, the highest peak first, the second by the Hungarian method.
/// Where more than ``limit`` peaks or objects hang together, each peak in turn takes the nearest free
/// object instead.
struct PeakMatching {
  /// More peaks or objects than this in one cluster are matched in order of height.
  static let limit = 500

  /// A peak and its object.
  struct Pair: Equatable {
    /// Index of the peak.
    let peak: Int
    /// Index of the object.
    let object: Int
    /// Between them.
    let distance: Double
  }

  /// By ascending peak.
  let pairs: [Pair]
  /// Whether some cluster was too large, so that peaks took the nearest object in order of height.
  let isGreedy: Bool

  /// Matches peaks with objects.
  ///
  /// - Parameters:
  ///   - peaks: Places and heights; of equal heights the first counts as higher.
  ///   - objects: Places.
  ///   - radius: In the same unit, ≥ 0; a pair may be exactly so far apart.
  ///   - limit: ``limit`` unless told otherwise.
  init(
    peaks: [(place: Point, score: Float)], objects: [Point], radius: Double, limit: Int = limit
  ) {
    let order = peaks.indices.sorted {
      peaks[$0].score != peaks[$1].score ? peaks[$0].score > peaks[$1].score : $0 < $1
    }
    let near = Self.near(peaks.map(\.place), objects, radius)
    var clusters = Clusters(count: peaks.count + objects.count)
    for (peak, own) in near.enumerated() {
      for edge in own { clusters.join(peak, peaks.count + edge.object) }
    }
    var members: [Int: (peaks: [Int], objects: [Int])] = [:]
    for peak in order where !near[peak].isEmpty {
      members[clusters.root(peak), default: ([], [])].peaks.append(peak)
    }
    for object in objects.indices {
      members[clusters.root(peaks.count + object)]?.objects.append(object)
    }
    var pairs: [Pair] = []
    var isGreedy = false
    for cluster in members.values {
      if max(cluster.peaks.count, cluster.objects.count) > limit {
        isGreedy = true
        pairs += Self.inOrder(cluster.peaks, near)
      } else {
        pairs += Self.best(cluster.peaks, cluster.objects, near)
      }
    }
    self.pairs = pairs.sorted { $0.peak < $1.peak }
    self.isGreedy = isGreedy
  }

  /// An object in reach of a peak.
  private struct Edge {
    let object: Int
    let distance: Double
  }

  /// For each peak the objects in reach.
  private static func near(_ peaks: [Point], _ objects: [Point], _ radius: Double) -> [[Edge]] {
    let order = objects.indices.sorted { objects[$0].x < objects[$1].x }
    let columns = order.map { objects[$0].x }
    return peaks.map { peak in
      // A little more than the radius, so that no object at it is lost to rounding.
      let reach = radius + 1e-9 * (radius + abs(peak.x))
      // The first object that is not too far to the left.
      var (low, high) = (0, columns.count)
      while low < high {
        let middle = (low + high) / 2
        if columns[middle] < peak.x - reach { low = middle + 1 } else { high = middle }
      }
      var edges: [Edge] = []
      for place in low..<order.count {
        if columns[place] > peak.x + reach { break }
        let distance = objects[order[place]].distance(to: peak)
        if distance <= radius { edges.append(Edge(object: order[place], distance: distance)) }
      }
      return edges.sorted {
        $0.distance != $1.distance ? $0.distance < $1.distance : $0.object < $1.object
      }
    }
  }

  private static func inOrder(_ peaks: [Int], _ near: [[Edge]]) -> [Pair] {
    var taken: Set<Int> = []
    return peaks.compactMap { peak in
      near[peak].first { taken.insert($0.object).inserted }.map {
        Pair(peak: peak, object: $0.object, distance: $0.distance)
      }
    }
  }

  private static func best(_ peaks: [Int], _ objects: [Int], _ near: [[Edge]]) -> [Pair] {
    var search = AugmentingPaths(near: near.map { $0.map(\.object) })
    let matched = peaks.filter { search.augment(from: $0) }
    let places = Dictionary(uniqueKeysWithValues: objects.enumerated().map { ($1, $0) })
    // Dearer than all that are in reach together, so that no pair is out of reach.
    let farthest = matched.reduce(0.0) { max($0, near[$1].last?.distance ?? 0) }
    let dear = (farthest + 1) * Double(matched.count + 1)
    let costs = matched.map { peak in
      var row = [Double](repeating: dear, count: objects.count)
      for edge in near[peak] { if let place = places[edge.object] { row[place] = edge.distance } }
      return row
    }
    let assignment = Assignment(rowCount: matched.count, columnCount: objects.count) {
      costs[$0][$1]
    }
    return matched.enumerated().map { row, peak in
      let column = assignment.columns[row]
      return Pair(peak: peak, object: objects[column], distance: costs[row][column])
    }
  }
}

/// A largest matching that grows by one peak at a time.
private struct AugmentingPaths {
  private let near: [[Int]]
  private var peaks: [Int: Int] = [:]

  init(near: [[Int]]) { self.near = near }

  /// Matches a peak more if all matched so far can stay matched; says whether.
  mutating func augment(from start: Int) -> Bool {
    var previous: [Int: Int] = [:]
    var queue = [start]
    var next = 0
    while next < queue.count {
      let peak = queue[next]
      next += 1
      for object in near[peak] where previous[object] == nil {
        previous[object] = peak
        if let other = peaks[object] {
          queue.append(other)
          continue
        }
        // Every object on the way goes over to the peak that led to it.
        let ends = Dictionary(uniqueKeysWithValues: peaks.map { ($1, $0) })
        var object = object
        while let peak = previous[object] {
          peaks[object] = peak
          guard peak != start, let given = ends[peak] else { break }
          object = given
        }
        return true
      }
    }
    return false
  }
}

/// Numbers that hang together.
private struct Clusters {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  mutating func root(_ member: Int) -> Int {
    var member = member
    while parents[member] != member {
      parents[member] = parents[parents[member]]
      member = parents[member]
    }
    return member
  }

  mutating func join(_ first: Int, _ second: Int) {
    let (a, b) = (root(first), root(second))
    if a != b { parents[max(a, b)] = min(a, b) }
  }
}
