import Detection

/// A detection as files hold it: with the name of its class.
public struct NamedDetection: Sendable, Hashable {
  /// The class's name.
  public var className: String
  /// Any finite number; 0...1 for our detectors.
  public var confidence: Float
  /// In pixels of the image, 0-based continuous edges.
  public var box: Box

  /// A detection with its class's name.
  public init(className: String, confidence: Float, box: Box) {
    self.className = className
    self.confidence = confidence
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
  /// The detections in file order.
  public var detections: [NamedDetection]
  /// File and place that they were read from, for messages.
  public var source: String

  /// What was found in one image.
  public init(
    file: String, width: Int? = nil, height: Int? = nil, detections: [NamedDetection],
    source: String = "detections"
  ) {
    self.file = file
    self.width = width
    self.height = height
    self.detections = detections
    self.source = source
  }
}
