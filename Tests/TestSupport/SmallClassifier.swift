/// The cfg of a small classifier that learns in a second: a normalised 3x3 convolution of stride 2, the
/// mean over its map, and a 1x1 convolution to the classes.
///
/// - Parameters:
///   - net: What `[net]` says, a key a line.
///   - classes: How many there are.
///   - filters: Of the 3x3 convolution.
/// - Returns: The text, which ends with `[softmax]`.
package func smallClassifier(_ net: String, classes: Int, filters: Int = 8) -> String {
  """
  [net]
  \(net)
  [convolutional]
  batch_normalize=1
  filters=\(filters)
  size=3
  stride=2
  pad=1
  activation=leaky
  [avgpool]
  [convolutional]
  filters=\(classes)
  size=1
  activation=linear
  [softmax]
  """
}
