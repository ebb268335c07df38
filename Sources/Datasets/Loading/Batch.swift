package import Compute

/// Pictures ready for a network, with what is to be found in them.
package struct Batch<Target: Placeable> {
  /// [N, H, W, C], values 0...1, in the host's memory.
  package let input: Tensor
  /// What is to be found in each of the N images; positions as fractions of the input.
  package let targets: [Target.Shown]
  /// Where each of the N images comes from.
  package let sources: [BatchSource]

  /// - Parameters:
  ///   - samples: N pictures.
  ///   - input: [N, H, W, C]; overwritten.
  init(_ samples: [LoadedSample<Target>], in input: Tensor) {
    self.input = input
    targets = samples.map(\.target)
    sources = samples.map(\.source)
    let count = input.shape.countPerImage
    input.withMutableHostValues { values in
      for (i, sample) in samples.enumerated() {
        precondition(sample.values.count == count, "the input size of a batch has changed")
        _ = UnsafeMutableBufferPointer(rebasing: values[i * count..<(i + 1) * count])
          .update(from: sample.values)
      }
    }
  }
}

/// Which picture an image of a batch is.
package struct BatchSource: Hashable, Sendable {
  /// Index into the samples that the loader was given.
  package let index: Int
  /// The sample's name.
  package let id: String
  /// What was done to the picture; its original size is in there.
  package let variation: ImageVariation
  /// The samples that are mixed into the picture.
  package var partners: [String] = []
  /// All samples that can be seen in it.
  package var ids: [String] { [id] + partners }
}

/// One prepared picture on its way from a worker to a batch.
struct LoadedSample<Target: Placeable>: Sendable {
  var values: [Float]
  var target: Target.Shown
  var source: BatchSource
}
