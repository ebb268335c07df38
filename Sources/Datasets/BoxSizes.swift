package import Compute
package import Detection
package import Geometry
import Images
import Synchronization

/// The sizes of a data set's objects as a network sees them, to choose anchors by.
package struct BoxSizes: Sendable {
  /// Width and height in pixels of the network input, in the samples' order; difficult objects are
  /// left out, as in training.
  package let sizes: [AnchorBox]
  /// Pixels of the network input.
  package let inputWidth, inputHeight: Int
  /// Images whose header cannot be read; their objects are left out.
  package let problems: [DataProblem]

  /// Reads the images' headers and scales their boxes.
  ///
  /// - Parameters:
  ///   - samples: Images with their objects.
  ///   - inputWidth: Pixels of the network input.
  ///   - inputHeight: Pixels of the network input.
  ///   - mode: How images are brought to the input.
  ///   - pool: Reads the images.
  package init(
    _ samples: [Sample<[GroundTruth]>], inputWidth: Int, inputHeight: Int, mode: ResizeMode,
    pool: ThreadPool
  ) {
    let sizesRead = Mutex([Result<PixelSize, any Error>?](repeating: nil, count: samples.count))
    pool.forEach(count: samples.count) { index in
      let size = Result { try samples[index].image.readSize() }
      sizesRead.withLock { $0[index] = size }
    }
    var sizes: [AnchorBox] = []
    var problems: [DataProblem] = []
    for (sample, size) in zip(samples, sizesRead.withLock { $0 }) {
      switch size {
      case .success(let size):
        let placement = ImagePlacement(
          imageWidth: size.width, imageHeight: size.height, inputWidth: inputWidth,
          inputHeight: inputHeight, mode: mode)
        for truth in sample.target where !truth.isDifficult {
          let box = placement.toInput(truth.box)
          sizes.append(
            AnchorBox(
              width: box.width * Float(inputWidth), height: box.height * Float(inputHeight)))
        }
      case .failure(let error):
        problems.append(.unreadableImage(sample.image, error))
      case nil: preconditionFailure("every index was visited")
      }
    }
    self.sizes = sizes
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.problems = problems
  }
}
