package import Compute
package import Datasets
import Networks

extension Predictor {
  /// Brings images to the network's input one by one, as they are judged.
  ///
  /// - Parameters:
  ///   - samples: The images.
  ///   - body: Given the input of each that could be read, [1, H, W, C], and its place among them.
  /// - Returns: What could not be read.
  /// - Throws: `DataError` if nothing can be read; what `body` throws.
  package func inputs(
    of samples: [Sample<Task.Target>], _ body: (Tensor, Int) throws -> Void
  ) throws -> [DataProblem] {
    let found = try passing(
      over: samples, batchSize: 1, corruption: nil, seed: 1, progress: { _ in }
    ) { batch in
      try body(batch.input, batch.sources[0].index)
      return [()]
    }
    return found.leftOut
  }
}
