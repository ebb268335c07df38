import ArgumentParser
import Experiments

/// Calls `body`; what it says of wrong usage is told as ArgumentParser tells it, with exit code 64.
@discardableResult
func checkingUsage<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as UsageError {
    throw ValidationError(error.description)
  }
}
