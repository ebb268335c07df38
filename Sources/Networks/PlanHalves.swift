import Compute

/// The tensors of a plan that wait for backward as halves: rounded after their last use forward, and made
/// floats again for the layers that read them on the way back.
struct PlanHalves {
  /// Where the values of a tensor lie as floats during steps of backward.
  private struct Reading {
    let steps: ClosedRange<Int>
    let tensor: Tensor
  }

  private var narrowings: [Int: [(floats: Tensor, halves: Tensor)]] = [:]
  private var widenings: [Int: [(halves: Tensor, floats: Tensor)]] = [:]
  private var outputs: [Int: [Reading]] = [:]
  private var saved: [Int: [Int: [Reading]]] = [:]

  /// Those of a layout, whose floats are `tensors` and whose memory is `arena`.
  init(_ layout: PlanLayout, tensors: [Tensor], offsets: [Int], arena: any Buffer) {
    guard !layout.halves.isEmpty else { return }
    let view = arena.viewed(as: .bfloat16)
    var readings: [Int: [Reading]] = [:]
    for (request, kept) in layout.halves.sorted(by: { $0.key < $1.key }) {
      let half = Tensor(layout.requestShapes[request], in: view, at: 2 * offsets[kept.request])
      narrowings[kept.last, default: []].append((tensors[request], half))
      for reading in kept.readings {
        let floats = tensors[reading.request]
        widenings[reading.steps.lowerBound, default: []].append((half, floats))
        readings[request, default: []].append(Reading(steps: reading.steps, tensor: floats))
      }
    }
    for (layer, request) in layout.outputs.enumerated() { outputs[layer] = readings[request] }
    for (layer, requests) in layout.saved.enumerated() {
      for (index, request) in requests.enumerated() {
        if let found = readings[request] { saved[layer, default: [:]][index] = found }
      }
    }
  }

  /// Rounds what no layer behind this one reads on the way forward.
  func narrow(after layer: Int, _ backend: any Backend) {
    for pair in narrowings[layer] ?? [] { backend.narrow(pair.floats, into: pair.halves) }
  }

  /// Makes the floats that are read from this step of backward on.
  func widen(before step: Int, _ backend: any Backend) {
    for pair in widenings[step] ?? [] { backend.widen(pair.halves, into: pair.floats) }
  }

  /// A layer's output as backward reads it at a step, nil if it was never rounded.
  func output(of layer: Int, at step: Int) -> Tensor? {
    outputs[layer]?.first { $0.steps.contains(step) }?.tensor
  }

  /// What a layer saved, as backward reads it at a step.
  func saved(_ tensors: [Tensor], of layer: Int, at step: Int) -> [Tensor] {
    guard let rounded = saved[layer] else { return tensors }
    return tensors.enumerated().map { index, tensor in
      rounded[index]?.first { $0.steps.contains(step) }?.tensor ?? tensor
    }
  }
}

extension PlanLayout {
  /// A tensor that is kept as halves.
  struct Kept {
    /// The request of the halves.
    let request: Int
    /// The layer after whose forward pass it is rounded.
    let last: Int
    /// Steps of backward in a row, and the request of the floats in them.
    let readings: [(steps: ClosedRange<Int>, request: Int)]
  }

  /// Steps in a row as ranges, in order.
  static func runs(of steps: [Int]) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for step in Set(steps).sorted() {
      if let last = runs.last, last.upperBound + 1 == step {
        runs[runs.count - 1] = last.lowerBound...step
      } else {
        runs.append(step...step)
      }
    }
    return runs
  }
}
