/// How data sets are read.
package struct ReadingRules: Equatable, Sendable {
  /// What is set aside where nobody has divided a set.
  package var shares: SplitShares
  /// What becomes of VOC's boxes where their annotation tells another size than the picture has.
  package var annotatedSize: AnnotatedSizeRule
  /// Whether the label of a picture in Darknet's lists may be any part of its path.
  package var darknetLabels: Bool
  /// Whether the boxes of COCO's keypoints are corners, [left, top, right, bottom], as some tools write
  /// them; nil: where they can be nothing else.
  package var cornerBoxes: Bool?

  /// Rules.
  package init(
    shares: SplitShares = SplitShares(), annotatedSize: AnnotatedSizeRule = .adapt,
    darknetLabels: Bool = false, cornerBoxes: Bool? = nil
  ) {
    self.shares = shares
    self.annotatedSize = annotatedSize
    self.darknetLabels = darknetLabels
    self.cornerBoxes = cornerBoxes
  }
}
