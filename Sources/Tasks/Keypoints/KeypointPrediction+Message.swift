package import Compute
import Geometry
import Keypoints

/// What is predicted on one rank is judged on all.
extension KeypointPrediction: Transferable {
  /// All numbers, bit by bit.
  package func write(to message: inout Message) {
    points.write(to: &message)
    size.width.write(to: &message)
    size.height.write(to: &message)
    scale.write(to: &message)
  }

  /// What ``write(to:)`` wrote.
  package init(from message: inout MessageReader) {
    let points = [FoundKeypoint](from: &message)
    let size = PixelSize(width: Int(from: &message), height: Int(from: &message))
    self.init(points: points, size: size, scale: Double(from: &message))
  }
}
