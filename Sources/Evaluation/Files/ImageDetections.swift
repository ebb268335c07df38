import Detection

/// A detection as files hold it: with the name of its class.
public struct NamedDetection: Sendable, Hashable {
  /// The class's name.
  public var className: String
  /// Any finite number; 0...1 for our detectors.
  public var confidence: Float
  /// The objectness alone, 0...1; nil where the format does not say it.
  public var objectness: Float?
  /// What the model says about its own certainty; nil where the format or the model does not.
  public var uncertainty: DetectionUncertainty?
  /// In pixels of the image, 0-based continuous edges.
  public var box: Box

  /// A detection with its class's name.
  public init(
    className: String, confidence: Float, objectness: Float? = nil,
    uncertainty: DetectionUncertainty? = nil, box: Box
  ) {
    self.className = className
    self.confidence = confidence
    self.objectness = objectness
    self.uncertainty = uncertainty
    self.box = box
  }
}

/// What was found in one image, as files hold it.
public struct ImageDetections: Sendable {
  /// The image's file name or path, or its VOC id.
  public var file: String
  /// Width in pixels, nil where the format does not say it.
  public var width: Int?
  /// Height in pixels, nil where the format does not say it.
  public var height: Int?
  /// How the image was brought to the network's input, nil where the format does not say it.
  public var resize: ResizeMode?
  /// The detections in file order.
  public var detections: [NamedDetection]
  /// File and place that they were read from, for messages.
  public var source: String

  /// What was found in one image.
  public init(
    file: String, width: Int? = nil, height: Int? = nil, resize: ResizeMode? = nil,
    detections: [NamedDetection], source: String = "detections"
  ) {
    self.file = file
    self.width = width
    self.height = height
    self.resize = resize
    self.detections = detections
    self.source = source
  }
}
