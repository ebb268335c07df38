package import Compute
package import Detection
package import Geometry
import Images
import Synchronization

/// The sizes of a data set's objects as a network sees them, to choose anchors by.
package struct BoxSizes: Sendable {
  /// Width and height in pixels of the network input, in the items' order; difficult objects are
  /// left out, as in training.
  package let sizes: [AnchorBox]
  /// Images whose header cannot be read; their objects are left out.
  package let problems: [DataProblem]

  /// Reads the images' headers and scales their boxes.
  ///
  /// - Parameters:
  ///   - items: Images with their objects.
  ///   - inputWidth: Pixels of the network input.
  ///   - inputHeight: Pixels of the network input.
  ///   - mode: How images are brought to the input.
  ///   - pool: Reads the images.
  package init(
    _ items: [VOCDataset.Item], inputWidth: Int, inputHeight: Int, mode: ResizeMode,
    pool: ThreadPool
  ) {
    let headers = Mutex([Result<ImageHeader, any Error>?](repeating: nil, count: items.count))
    pool.forEach(count: items.count) { index in
      let header = Result { try Image.readHeader(items[index].image) }
      headers.withLock { $0[index] = header }
    }
    var sizes: [AnchorBox] = []
    var problems: [DataProblem] = []
    for (item, header) in zip(items, headers.withLock { $0 }) {
      switch header {
      case .success(let header):
        let placement = ImagePlacement(
          imageWidth: header.width, imageHeight: header.height, inputWidth: inputWidth,
          inputHeight: inputHeight, mode: mode)
        for truth in item.truths where !truth.isDifficult {
          let box = placement.toInput(truth.box)
          sizes.append(
            AnchorBox(
              width: box.width * Float(inputWidth), height: box.height * Float(inputHeight)))
        }
      case .failure(let error):
        problems.append(.unreadableImage(item.image, error))
      case nil: preconditionFailure("every index was visited")
      }
    }
    self.sizes = sizes
    self.problems = problems
  }
}
