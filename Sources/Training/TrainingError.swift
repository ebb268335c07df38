import Files

/// Why training cannot start, go on, or be continued.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A safetensors file does not follow the format.
  case malformed(path: String, reason: String)
  /// A tensor of a safetensors file is not what it should be.
  case tensor(path: String, name: String, reason: String)
  /// The metadata of a checkpoint is missing or of another version.
  case metadata(path: String, reason: String)
  /// A learning-rate schedule makes no sense.
  case schedule(reason: String)
  /// The options of a run make no sense together, or with the cfg.
  case options(reason: String)
  /// The folder of a new run has something in it.
  case runFolderNotEmpty(path: String)
  /// There is no run to continue.
  case nothingToResume(path: String)
  /// A run that shall be continued was started in another way.
  case otherConfiguration(path: String, differences: [String])
  /// A line of log.csv cannot be used.
  case log(path: String, line: Int, reason: String)
  /// The loss, a gradient or a weight became NaN or infinite.
  case notFinite(quantity: String, iteration: Int, images: [String])

  /// One line: file and place, cause and remedy.
  package var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .malformed(let path, let reason):
      "\(path): not a usable safetensors file: \(reason)"
    case .tensor(let path, let name, let reason):
      "\(path): tensor \(name) \(reason)"
    case .metadata(let path, let reason):
      "\(path): \(reason); give a checkpoint that detector train has written"
    case .schedule(let reason):
      "learning rate: \(reason)"
    case .options(let reason):
      reason
    case .runFolderNotEmpty(let path):
      "\(path) is not empty; continue that run with --resume or give another --out"
    case .nothingToResume(let path):
      "\(path) holds no last.safetensors to continue from; leave out --resume to start a run"
    case .otherConfiguration(let path, let differences):
      "\(path) was started in another way; give its options again, or another --out: "
        + differences.prefix(4).joined(separator: "; ")
        + (differences.count > 4 ? "; and \(differences.count - 4) more" : "")
    case .log(let path, let line, let reason):
      "\(path):\(line): \(reason)"
    case .notFinite(let quantity, let iteration, let images):
      "\(quantity) is not finite in iteration \(iteration); the last finite checkpoint is kept; "
        + "try a lower learning rate or a longer burn-in; images: "
        + (images.isEmpty ? "none" : images.joined(separator: ", "))
    }
  }
}
