import Compute

/// Which parts of a set make a split, where a set is divided by files or folders.
enum SplitChoice: Equatable {
  /// All of these parts.
  case parts([String])
  /// Of one part the share that is set aside for validation, or the rest.
  case share(of: String, isValidation: Bool)

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
  /// Without a part `val`, a share of `train`, or of the set that is not divided, takes its place. A
  /// part `test` is in `test` and `all` alone.
  init?(_ split: String, of names: [String]) {
    let split = SplitChoice.canonical(split)
    let base = names.contains("train") ? "train" : names.contains(Self.whole) ? Self.whole : nil
    let hasValidation = names.contains("val")
    switch split {
    case "all": self = .parts(names)
    case "train", "val", "trainval":
      if names.contains(split) && (split != "train" || hasValidation) {
        self = .parts([split])
      } else if let base {
        self =
          split == "trainval"
          ? .parts(hasValidation ? [base, "val"] : [base])
          : .share(of: base, isValidation: split == "val")
      } else {
        return nil
      }
    default:
      guard names.contains(split) else { return nil }
      self = .parts([split])
    }
  }

  /// The splits that ``init(_:of:)`` knows.
  static func names(of parts: [String]) -> [String] {
    ["train", "val", "trainval", "test", "all"].filter { SplitChoice($0, of: parts) != nil }
      + parts.filter { !["train", "val", "trainval", "test", "all", whole].contains($0) }
  }

  /// Which of `count` things are in a seeded share, sorted, or in the rest.
  ///
  /// Validation gets `fraction` of them, rounded, at least one and not all.
  static func seeded(
    count: Int, fraction: Float, isValidation: Bool, using random: RandomStream
  ) -> [Int] {
    var random = random
    let order = random.permutation(count)
    let wanted = Int((Float(count) * fraction).rounded())
    let share = count < 2 || fraction <= 0 ? 0 : min(count - 1, max(1, wanted))
    return (isValidation ? order.prefix(share) : order.dropFirst(share)).sorted()
  }

  /// Where the choice of images for validation comes from.
  static func random(seed: UInt64) -> RandomStream {
    RandomStream(seed: seed).split(0x56_4F_43)
  }
}
