package import Compute
import Foundation

/// Averages of parameters over the last updates, which often detect better than the last values.
///
/// After the t-th update, with k = decay · (1 − e^(−t / ramp)):
///
///     average ← k · average + (1 − k) · value
///
/// The ramp lets the averages follow quickly while the values still change much.
package struct ExponentialMovingAverage {
  /// The limit of k, 0 ..< 1.
  package let decay: Double
  /// Updates over which k rises; 0: k = decay from the start.
  package let ramp: Double
  /// t: updates so far.
  package private(set) var updates: Int
  /// One tensor for each of those averaged, equal to it at first.
  package let averages: [Tensor]
  private let values: [Tensor]

  /// Averages that start at the present values.
  ///
  /// - Parameters:
  ///   - values: Parameters and statistics; read at every update.
  ///   - decay: The limit of k, 0 ..< 1.
  ///   - ramp: Updates over which k rises, ≥ 0.
  ///   - backend: Has the averages in its memory.
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    of values: [Tensor], decay: Double = 0.9999, ramp: Double = 2000, on backend: any Backend
  ) throws {
    precondition(decay >= 0 && decay < 1 && ramp >= 0, "decay \(decay), ramp \(ramp)")
    self.decay = decay
    self.ramp = ramp
    self.values = values
    updates = 0
    averages = try values.map { tensor in
      let average = try Tensor(tensor.shape, on: backend)
      backend.copy(tensor, into: GradientTarget(average, accumulate: false))
      return average
    }
  }

  /// k after so many updates, the one under way included.
  package func keep(afterUpdates count: Int) -> Double {
    ramp > 0 ? decay * (1 - exp(-Double(count) / ramp)) : decay
  }

  /// Takes the present values into the averages.
  package mutating func update(using backend: any Backend) {
    updates += 1
    let keep = Float(keep(afterUpdates: updates))
    for (average, value) in zip(averages, values) {
      backend.updateMovingAverage(average, of: value, keep: keep)
    }
  }

  /// Swaps the values with their averages, to evaluate; a second call swaps them back, bit by bit.
  ///
  /// Layers that keep something computed from their parameters must be told afterwards.
  package func exchange(using backend: any Backend) {
    for (average, value) in zip(averages, values) { backend.exchange(average, value) }
  }

  /// Continues after so many updates; the averages themselves are read from a checkpoint.
  package mutating func restore(updates: Int) { self.updates = updates }
}
