package import Compute
package import Geometry
import Images

/// How training pictures are varied: crop or placement, mirroring and colour.
package struct Augmentation: Hashable, Sendable, Codable {
  /// How position and scale are varied.
  package enum Geometry: String, Sendable, Codable, CaseIterable {
    /// Each side of the picture is moved by up to ±jitter of its length: inwards it is cut, outwards
    /// zeros are added (AlexeyAB's Darknet).
    case crop
    /// The whole picture, its aspect varied by jitter, at a random place on grey .5 (pjreddie's
    /// Darknet).
    case place
  }

  /// How position and scale are varied.
  package var geometry: Geometry
  /// Fraction of the sides, 0 ..< 0.5.
  package var jitter: Float
  /// R: how much larger or smaller ``Geometry/crop`` may make the picture, aspect kept; nil: not at all.
  ///
  /// As in AlexeyAB's Darknet, two numbers a and b, uniform in (1 − R) / 2 ... (1 − 1 / R) / 2, of R < 1
  /// in (1 − 1 / R) / 2 ... 0, say which share of its width is cut at the left and at the right, and of
  /// its height at the top and at the bottom, besides what ``jitter`` cuts; negative shares add zeros. So
  /// a side of the picture is shown 1 / (1 − a − b) times as large, 1 / R ... R. No side loses more than
  /// ``largestCut``.
  package var resize: Float?
  /// Largest change of hue, in turns of the colour circle.
  package var hue: Float
  /// Largest factor, or divisor, of the saturation, ≥ 1.
  package var saturation: Float
  /// Largest factor, or divisor, of the brightness, ≥ 1.
  package var exposure: Float
  /// Whether half of the pictures are mirrored left to right.
  package var flips: Bool
  /// Whether the aspect of what ``Geometry/crop`` leaves is kept, with ``fill`` around it.
  private var letterbox: Bool
  /// Whether ``Geometry/crop`` begins with the middle of the picture; absent in runs of older versions.
  private var centers: Bool?
  /// What a letterbox is filled with, 0...1; nil: zeros.
  package var fill: Float?
  /// Whether difficult objects stay in the targets.
  package var keepsDifficult: Bool
  /// Objects that end up narrower or lower than this fraction of the input are dropped.
  package var minimumSide: Float
  /// Which pictures are made of several; nil: none.
  package var mixing: PictureMixing?
  /// Blur and noise; nil: neither.
  package var disturbance: PixelDisturbance?
  /// What Darknet shows of a classifier's pictures; nil: ``geometry`` says what is shown.
  package var view: RandomView?
  /// How a person's surroundings are zoomed, turned and moved, besides ``geometry``; nil: they are not.
  package var turn: RandomTurn?
  /// How far the input is then moved either way, in its pixels, with ``fill`` where it was; nil: not.
  package var pad: Int?

  /// The share of a length that may be cut at either end, so that a tenth of it remains.
  package static let largestCut: Float = 0.45

  /// Crops of up to 30 % a side, mirrored half of the time, colours as AlexeyAB's YOLOv3 cfgs ask for.
  package init(
    geometry: Geometry = .crop, jitter: Float = 0.3, hue: Float = 0.1, saturation: Float = 1.5,
    exposure: Float = 1.5, flips: Bool = true, resize: ResizeMode = .letterbox,
    keepsDifficult: Bool = false, minimumSide: Float = 0.001
  ) {
    self.geometry = geometry
    self.jitter = jitter
    self.hue = hue
    self.saturation = saturation
    self.exposure = exposure
    self.flips = flips
    letterbox = true
    self.keepsDifficult = keepsDifficult
    self.minimumSide = minimumSide
    resizeMode = resize
  }

  /// How what ``Geometry/crop`` leaves is brought to the input.
  ///
  /// With `crop` jitter moves the sides of the picture's middle, and what is left keeps its aspect.
  package var resizeMode: ResizeMode {
    get { centers == true ? .crop : letterbox ? .letterbox : .stretch }
    set {
      letterbox = newValue != .stretch
      centers = newValue == .crop ? true : nil
    }
  }

  /// The whole picture, upright and in its own colours, as detection sees it; all objects stay.
  package static func none(_ resize: ResizeMode, fill: Float = 0) -> Augmentation {
    var augmentation = Augmentation(
      jitter: 0, hue: 0, saturation: 1, exposure: 1, flips: false, resize: resize,
      keepsDifficult: true, minimumSide: 0)
    augmentation.fill = fill
    return augmentation
  }

  /// Draws one variation for a picture of the given size.
  ///
  /// - Parameters:
  ///   - imageWidth: Pixels of the picture.
  ///   - imageHeight: Pixels of the picture.
  ///   - inputWidth: Pixels of the network input.
  ///   - inputHeight: Pixels of the network input.
  ///   - region: What of the picture is looked at, in its pixels; nil: all of it.
  ///   - random: Numbers of this picture in this epoch.
  /// - Returns: What to do with the picture and what is known of it.
  package func draw(
    imageWidth: Int, imageHeight: Int, inputWidth: Int, inputHeight: Int, region: Box? = nil,
    using random: inout RandomStream
  ) -> ImageVariation {
    precondition(jitter >= 0 && jitter < 0.5 && saturation >= 1 && exposure >= 1 && resize ?? 1 > 0)
    var variation =
      switch geometry {
      case _ where view != nil: whole(imageWidth, imageHeight, inputWidth, inputHeight)
      case .crop: crop(imageWidth, imageHeight, inputWidth, inputHeight, region, &random)
      case .place: place(imageWidth, imageHeight, inputWidth, inputHeight, &random)
      }
    variation.region = region
    variation.view = view?.draw(
      image: PixelSize(width: imageWidth, height: imageHeight),
      input: PixelSize(width: inputWidth, height: inputHeight), using: &random)
    if let turn { variation.view = turn.draw(variation, using: &random) }
    if let pad {
      variation.target.x += random.integer(in: -pad...pad)
      variation.target.y += random.integer(in: -pad...pad)
    }
    variation.isMirrored = flips && random.bernoulli(0.5)
    variation.distortion = ColorDistortion(
      hue: hue == 0 ? 0 : random.uniform(-hue...hue),
      saturation: factor(saturation, &random), exposure: factor(exposure, &random))
    variation.keepsDifficult = keepsDifficult
    variation.minimumSide = minimumSide
    return variation
  }

  private func whole(
    _ imageWidth: Int, _ imageHeight: Int, _ inputWidth: Int, _ inputHeight: Int
  ) -> ImageVariation {
    ImageVariation(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: inputWidth,
      inputHeight: inputHeight,
      crop: PixelRectangle(x: 0, y: 0, width: imageWidth, height: imageHeight),
      target: PixelRectangle(x: 0, y: 0, width: inputWidth, height: inputHeight), fill: 0)
  }

  private func crop(
    _ imageWidth: Int, _ imageHeight: Int, _ inputWidth: Int, _ inputHeight: Int, _ region: Box?,
    _ random: inout RandomStream
  ) -> ImageVariation {
    let mode = resizeMode
    let shown =
      if let region {
        PixelRectangle.around(region, proportionedAs: inputWidth, inputHeight)
      } else if mode == .crop {
        PixelRectangle.center(
          ofWidth: imageWidth, height: imageHeight, proportionedAs: inputWidth, inputHeight)
      } else {
        PixelRectangle(x: 0, y: 0, width: imageWidth, height: imageHeight)
      }
    let x = Int(jitter * Float(shown.width))
    let y = Int(jitter * Float(shown.height))
    var left = random.integer(in: -x...x)
    var right = random.integer(in: -x...x)
    var top = random.integer(in: -y...y)
    var bottom = random.integer(in: -y...y)
    if let resize {
      let largest = (1 - 1 / resize) / 2
      let shares = resize < 1 ? largest...0 : (1 - resize) / 2...largest
      let (a, b) = (random.uniform(shares), random.uniform(shares))
      func cut(_ jittered: Int, _ share: Float, of length: Int) -> Int {
        min(jittered + Int(share * Float(length)), Int(Self.largestCut * Float(length)))
      }
      (left, right) = (cut(left, a, of: shown.width), cut(right, b, of: shown.width))
      (top, bottom) = (cut(top, a, of: shown.height), cut(bottom, b, of: shown.height))
    }
    let crop = PixelRectangle(
      x: shown.x + left, y: shown.y + top, width: shown.width - left - right,
      height: shown.height - top - bottom)
    // Middle and region fill the input, though their sides are whole pixels; what jitter makes of them
    // need not.
    let fills = mode == .stretch || (mode == .crop || region != nil) && crop == shown
    let placement = ImagePlacement(
      imageWidth: crop.width, imageHeight: crop.height, inputWidth: inputWidth,
      inputHeight: inputHeight, mode: fills ? .stretch : .letterbox)
    return ImageVariation(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: inputWidth,
      inputHeight: inputHeight, crop: crop, target: PixelRectangle(placement),
      fill: fill ?? 0)
  }

  private func place(
    _ imageWidth: Int, _ imageHeight: Int, _ inputWidth: Int, _ inputHeight: Int,
    _ random: inout RandomStream
  ) -> ImageVariation {
    let x = jitter * Float(imageWidth)
    let y = jitter * Float(imageHeight)
    let aspect =
      (Float(imageWidth) + random.uniform(-x...x)) / (Float(imageHeight) + random.uniform(-y...y))
    // The largest rectangle of this aspect inside the input.
    let width = min(Float(inputWidth), Float(inputHeight) * aspect)
    let target = PixelRectangle(
      x: 0, y: 0, width: max(1, Int(width)), height: max(1, min(inputHeight, Int(width / aspect))))
    var variation = ImageVariation(
      imageWidth: imageWidth, imageHeight: imageHeight, inputWidth: inputWidth,
      inputHeight: inputHeight,
      crop: PixelRectangle(x: 0, y: 0, width: imageWidth, height: imageHeight), target: target,
      fill: 0.5)
    variation.target.x = random.integer(in: 0...inputWidth - target.width)
    variation.target.y = random.integer(in: 0...inputHeight - target.height)
    return variation
  }

  /// Uniform in 1...largest, in half of the cases its inverse.
  private func factor(_ largest: Float, _ random: inout RandomStream) -> Float {
    if largest == 1 { return 1 }
    let value = random.uniform(1...largest)
    return random.bernoulli(0.5) ? value : 1 / value
  }
}
