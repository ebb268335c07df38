/// Several scores of the same decisions, and how much better than the first one the others find wrong decisions.
struct ErrorFindings: ImageStatistic {
  private let finders: [ErrorDetection]
  let imageCount: Int

  /// The scores' statistics, at least one.
  init(_ finders: [ErrorDetection], imageCount: Int) {
    self.finders = finders
    self.imageCount = imageCount
  }

  /// Four values a score, see ``ErrorDetection``; then for each score AUROC and AURC less those of the first.
  var valueCount: Int { 6 * finders.count }

  /// Where the differences of a score are.
  func places(ofGain index: Int) -> (areaUnderROC: Int, areaUnderRiskCoverage: Int) {
    (4 * finders.count + 2 * index, 4 * finders.count + 2 * index + 1)
  }

  func values(_ weights: ImageWeights) -> [Double?] {
    let own = finders.map { $0.values(weights) }
    func gain(_ index: Int, _ place: Int) -> Double? {
      own[index][place].flatMap { value in own[0][place].map { value - $0 } }
    }
    return own.flatMap(\.self) + own.indices.flatMap { [gain($0, 0), gain($0, 2)] }
  }

  func range(ofValue index: Int) -> ClosedRange<Double> {
    index < 4 * finders.count ? 0...1 : -1...1
  }
}
