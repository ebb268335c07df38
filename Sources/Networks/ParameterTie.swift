/// Parameters of two layers of which one is trained and the other stands in its place in inference
/// and in files.
package protocol ParameterTie {
  /// The trained ones have changed: the others follow.
  func trainedDidChange()
  /// The others were read from a file: the trained ones follow.
  func storedWereLoaded()
}
