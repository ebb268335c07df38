/// Which parts of a set make a split, where a set is divided by files or folders.
enum SplitChoice: Equatable {
  /// All of these parts.
  case parts([String])
  /// Of one part, which is not divided further, a seeded share.
  case share(SplitShares.Share, of: String, SplitShares)

  /// The part of a set that is not divided.
  static let whole = ""
  /// The parts that most sets have.
  static let usual = ["train", "val", "test"]

  /// `val` for `valid`, and so on; other names as they are.
  static func canonical(_ name: String) -> String {
    switch name.lowercased() {
    case "train", "training": "train"
    case "val", "valid", "validation", "dev": "val"
    case "test", "testing": "test"
    default: name
    }
  }

  /// What a split is made of, nil if the set has none of that name.
  ///
  /// Without a part `val`, shares of `train`, or of the set that is not divided, take the place of
  /// `val` and, unless there is such a part, of `test`. A part `test` is in `test` and `all` alone.
  init?(_ split: String, of names: [String], by shares: SplitShares) {
    let split = SplitChoice.canonical(split)
    let base = names.contains("train") ? "train" : names.contains(Self.whole) ? Self.whole : nil
    let hasValidation = names.contains("val")
    var shares = shares
    if hasValidation || names.contains("test") { shares.test = 0 }
    if split == "all" {
      self = .parts(names)
    } else if names.contains(split) && (split != "train" || hasValidation) {
      self = .parts([split])
    } else if let base, let share = SplitShares.Share(rawValue: split) {
      if hasValidation, share == .test { return nil }
      self =
        hasValidation && share == .trainval
        ? .parts([base, "val"]) : .share(share, of: base, shares)
    } else {
      return nil
    }
  }

  /// The splits that ``init(_:of:by:)`` knows.
  static func names(of parts: [String]) -> [String] {
    let usual = ["train", "val", "trainval", "test", "all"]
    return usual.filter { SplitChoice($0, of: parts, by: SplitShares()) != nil }
      + parts.filter { $0 != whole && !usual.contains($0) }
  }

  /// Refuses a share for testing where none is set aside.
  ///
  /// - Throws: ``DataError/nothingToTest(_:)``.
  func checked(place: String) throws -> SplitChoice {
    if case .share(.test, _, let shares) = self, shares.test <= 0 {
      throw DataError.nothingToTest(place)
    }
    return self
  }

  /// What is set aside of what, for people; nil where the set is divided already.
  func sharing(unit: String) -> String? {
    guard case .share(_, let base, let shares) = self else { return nil }
    let whole = base == Self.whole ? unit : "\(unit) of \(base)"
    return "no lists: \(shares.text) of the \(whole), chosen by seed \(shares.seed)"
  }
}
