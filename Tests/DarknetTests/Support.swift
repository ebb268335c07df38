import Darknet
import Foundation
import Testing

/// The cfg of a text, named x.cfg in messages.
func parse(_ text: String, lenient: Bool = false) throws -> ConfigurationFile {
  try ConfigurationFile(text: text, fileName: "x.cfg", lenient: lenient)
}

/// The network of a text.
func build(_ text: String) throws -> NetworkDefinition { try NetworkBuilder.build(parse(text)) }

/// The message of the error that `body` throws; an issue if it throws none.
func message(
  sourceLocation: SourceLocation = #_sourceLocation, of body: () throws -> some Any
) -> String {
  do {
    _ = try body()
    Issue.record("nothing is thrown", sourceLocation: sourceLocation)
    return ""
  } catch { return "\(error)" }
}

/// One `[net]` of 32 x 32 pixels and three layers: a convolution without and one with batch
/// normalisation, a head.
let tinyNetwork = """
  [net]
  width=32
  height=32
  channels=3

  [convolutional]
  filters=4
  size=3
  stride=2
  pad=1
  activation=leaky

  [convolutional]
  batch_normalize=1
  filters=6
  size=1
  groups=2
  activation=linear

  [convolutional]
  filters=14
  activation=linear

  [yolo]
  mask=0,1
  anchors=1,2, 3,4
  num=2
  classes=2
  """

extension String {
  /// The text with one part replaced, which must be there.
  func with(_ old: String, _ new: String) -> String {
    precondition(contains(old), "no '\(old)'")
    return replacingOccurrences(of: old, with: new)
  }
}
