package import Compute
package import Detection

/// Pictures ready for a network, with what is to be found in them.
package struct Batch {
  /// Which picture an image of the input is.
  package struct Source: Hashable, Sendable {
    /// Index into the items that the loader was given.
    package let index: Int
    /// The item's name.
    package let id: String
    /// What was done to the picture; its original size is in there.
    package let variation: ImageVariation
  }

  /// [N, H, W, 3], values 0...1, in the host's memory.
  package let input: Tensor
  /// The objects of each of the N images, boxes as fractions of the input.
  package let truths: [[GroundTruth]]
  /// Where each of the N images comes from.
  package let sources: [Source]

  init(_ samples: [LoadedSample], width: Int, height: Int) throws {
    input = try Tensor(
      Shape(batch: samples.count, height: height, width: width, channels: 3), on: HostMemory())
    truths = samples.map(\.truths)
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

/// One prepared picture on its way from a worker to a batch.
struct LoadedSample: Sendable {
  let values: [Float]
  let truths: [GroundTruth]
  let source: Batch.Source
}
