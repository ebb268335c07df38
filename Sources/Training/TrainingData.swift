package import Datasets

/// The data of a run.
package struct TrainingData<Target: Placeable> {
  /// To learn from.
  package let training: [Sample<Target>]
  /// To choose the best checkpoint by; may be empty.
  package let validation: [Sample<Target>]
  /// Names of the class indices.
  package let classNames: [String]

  /// The data of a run.
  package init(
    training: [Sample<Target>], validation: [Sample<Target>], classNames: [String]
  ) {
    self.training = training
    self.validation = validation
    self.classNames = classNames
  }
}
