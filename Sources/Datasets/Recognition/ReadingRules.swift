/// How data sets are read.
package struct ReadingRules: Equatable, Sendable {
  /// What is set aside where nobody has divided a set.
  package var shares: SplitShares
  /// What becomes of VOC's boxes where their annotation tells another size than the picture has.
  package var annotatedSize: AnnotatedSizeRule
  /// Whether the label of a picture in Darknet's lists may be any part of its path.
  package var darknetLabels: Bool

  /// Rules.
  package init(
    shares: SplitShares = SplitShares(), annotatedSize: AnnotatedSizeRule = .adapt,
    darknetLabels: Bool = false
  ) {
    self.shares = shares
    self.annotatedSize = annotatedSize
    self.darknetLabels = darknetLabels
  }
}
