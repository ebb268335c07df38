import Compute
import Geometry
import Images

extension LoaderWorker {
  /// A picture, with others where the augmentation says so.
  func mixed(
    _ image: Image, _ index: Int, _ place: LoaderPlace
  ) throws -> LoadedSample<Target> {
    let own = Part(
      image, index, random.split(UInt64(place.epoch), UInt64(index)), place, augmentation,
      region: samples[index].target.region)
    guard let mixing = augmentation.mixing else { return vary(own, place) }
    let stream = mixingRandom.split(UInt64(place.epoch), UInt64(index))
    var random = stream
    let kind = mixing.draw(divisible: Target.Shown.isDivisible, &random)
    if kind == .single { return vary(own, place) }
    let mosaic = Mosaic(width: place.width, height: place.height, using: &random)
    var hidden = PixelRectangle(x: 0, y: 0, width: place.width, height: place.height)
    if kind == .cutMix {
      hidden = PictureMixing.rectangle(width: place.width, height: place.height, using: &random)
    }
    var parts = [own]
    for number in 1..<kind.count {
      let start = random.integer(in: 0...samples.count - 1)
      let candidates = (0..<samples.count).lazy.map { (start + $0) % self.samples.count }
      guard let (image, index) = try firstReadable(candidates) else { return vary(own, place) }
      parts.append(
        Part(
          image, index, stream.split(UInt64(number)), place, augmentation,
          region: samples[index].target.region))
    }
    let panes = parts.indices.map { number in
      switch kind {
      case .mosaic: mosaic.pane(number, showing: parts[number].variation)
      case .cutMix: Self.pane(number, hidden, place)
      case .mixup, .single: Pane(width: place.width, height: place.height, share: 0.5)
      }
    }
    var varied = zip(parts, panes).map { vary($0, place, showing: $1.source) }
    var first = varied[0]
    first.target = Target.Shown.joined(Array(zip(varied.map(\.target), panes)))
    first.source.partners = varied.dropFirst().map(\.source.id)
    if kind == .mixup {
      first.values = PictureMixing.mean(first.values, varied[1].values)
    } else {
      // The pictures' own values are not needed any more once they are copied.
      first.values = [Float](repeating: 0, count: channels * place.width * place.height)
      for (number, pane) in panes.enumerated() {
        pane.copy(varied[number].values, into: &first.values, channels: channels)
        varied[number].values = []
      }
    }
    return first
  }

  /// The picture and the rectangle of the other that hides a part of it.
  private static func pane(_ number: Int, _ cut: PixelRectangle, _ place: LoaderPlace) -> Pane {
    let hidden = Pane(
      rectangle: cut, sourceX: cut.x, sourceY: cut.y, inputWidth: place.width,
      inputHeight: place.height)
    return number == 1
      ? hidden : Pane(width: place.width, height: place.height, share: 1 - hidden.share)
  }

  /// A picture of an input, and what shall be done to it.
  private struct Part {
    let image: Image
    let index: Int
    /// After the variation was drawn.
    let random: RandomStream
    let variation: ImageVariation

    init(
      _ image: Image, _ index: Int, _ stream: RandomStream, _ place: LoaderPlace,
      _ augmentation: Augmentation, region: Box?
    ) {
      var random = stream
      variation = augmentation.draw(
        imageWidth: image.width, imageHeight: image.height, inputWidth: place.width,
        inputHeight: place.height, region: region, using: &random)
      self.image = image
      self.index = index
      self.random = random
    }
  }

  /// The input of a picture, or the window of it that is needed.
  private func vary(
    _ part: Part, _ place: LoaderPlace, showing window: PixelRectangle? = nil
  ) -> LoadedSample<Target> {
    let target = samples[part.index].target.placed(by: part.variation)
    let whole = PixelRectangle(x: 0, y: 0, width: place.width, height: place.height)
    let window = window ?? whole
    // Blur reaches across the window's border, and noise is drawn for all pixels in order.
    let rendered = augmentation.disturbance == nil ? window : whole
    let size = channels * rendered.width * rendered.height
    var values = [Float](unsafeUninitializedCapacity: size) { buffer, count in
      part.variation.sampler.render(
        part.image, width: place.width, height: place.height, channels: channels,
        window: rendered, into: UnsafeMutableBufferPointer(rebasing: buffer[..<size]))
      count = size
    }
    if let disturbance = augmentation.disturbance {
      var random = part.random
      disturbance.apply(
        to: &values, width: place.width, height: place.height, channels: channels,
        boxes: target.boxes, using: &random)
      if window != whole { values = cut(window, from: values, width: place.width) }
    }
    return LoadedSample(
      values: values, target: target,
      source: BatchSource(
        index: part.index, id: samples[part.index].id, variation: part.variation))
  }

  private func cut(_ window: PixelRectangle, from values: [Float], width: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(window.width * window.height * channels)
    for row in window.y..<window.y + window.height {
      let start = (row * width + window.x) * channels
      result += values[start..<start + window.width * channels]
    }
    return result
  }
}
