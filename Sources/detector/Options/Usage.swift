import ArgumentParser
import Experiments

/// An option and whether it was given.
typealias GivenOption = (name: String, isGiven: Bool)

/// Refuses, for a classifier, the first of the options that mean something for detectors alone.
func checkForClassifier(_ options: [GivenOption]) throws {
  if let option = options.first(where: \.isGiven) {
    throw ValidationError(
      "\(option.name) is for networks that find objects; this one is a classifier")
  }
}

/// Refuses the first of the options that mean something for other networks alone.
///
/// - Parameters:
///   - options: All of them, given or not.
///   - network: What this one finds.
/// - Throws: `ValidationError`.
func check(_ options: [GivenOption], areFor network: String) throws {
  if let option = options.first(where: \.isGiven) {
    throw ValidationError("\(option.name) is not for \(network), which is what this network finds")
  }
}

/// Calls `body`; what it says of wrong usage is told as ArgumentParser tells it, with exit code 64.
@discardableResult
func checkingUsage<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as UsageError {
    throw ValidationError(error.description)
  }
}
