package import Compute

/// A tensor that training changes, or a statistic that belongs to the model.
package final class Parameter {
  /// What it is within its layer: `weights`, `biases`, `scales`, `rolling_mean`, `rolling_variance`.
  package let name: String
  /// Current values.
  ///
  /// Convolution weights are [R, S, C / groups, K] (HWIO).
  package let values: Tensor
  /// dL/dvalues, summed over the images since the last update; nil for a statistic.
  package let gradient: Tensor?
  /// Whether weight decay applies (weights only, as in Darknet).
  package let decays: Bool

  /// A parameter that the optimiser updates.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(
    _ name: String, _ shape: Shape, decays: Bool = false, on memory: any MemorySource
  ) throws {
    self.name = name
    self.decays = decays
    values = try Tensor(shape, on: memory)
    gradient = try Tensor(shape, on: memory)
  }

  /// A statistic: saved with the model, never updated by the optimiser.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package init(statistic name: String, _ shape: Shape, on memory: any MemorySource) throws {
    self.name = name
    decays = false
    values = try Tensor(shape, on: memory)
    gradient = nil
  }
}
