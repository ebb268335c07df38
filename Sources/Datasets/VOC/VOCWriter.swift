import Compute
import Foundation
import Images

/// Text of a VOC-format data set.
enum VOCWriter {
  /// Six digits, from 000001.
  static func id(_ index: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  static func annotation(of picture: Synthesizer.Picture, filename: String) -> String {
    var text = """
      <annotation>
        <folder>synthetic</folder>
        <filename>\(filename)</filename>
        <size>
          <width>\(picture.image.width)</width>
          <height>\(picture.image.height)</height>
          <depth>3</depth>
        </size>
        <segmented>0</segmented>

      """
    for object in picture.objects {
      text += """
          <object>
            <name>\(Synthesizer.classNames[object.classIndex])</name>
            <pose>Unspecified</pose>
            <truncated>\(object.isTruncated ? 1 : 0)</truncated>
            <occluded>\(object.visibleFraction < 0.95 ? 1 : 0)</occluded>
            <difficult>\(object.isDifficult ? 1 : 0)</difficult>
            <ambiguity>\(String(format: "%.4f", object.ambiguity))</ambiguity>
            <bndbox>
              <xmin>\(object.corners[0])</xmin>
              <ymin>\(object.corners[1])</ymin>
              <xmax>\(object.corners[2])</xmax>
              <ymax>\(object.corners[3])</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }

  /// A fifth of the indices for `test`, a fifth for `val`, the others for `train`.
  static func splits(count: Int, using random: RandomStream) -> [(String, [Int])] {
    var random = random
    let order = random.permutation(count)
    let fifth = count / 5
    return [
      ("test", order[..<fifth].sorted()), ("val", order[fifth..<2 * fifth].sorted()),
      ("train", order[(2 * fifth)...].sorted()), ("trainval", order[fifth...].sorted()),
    ]
  }
}
