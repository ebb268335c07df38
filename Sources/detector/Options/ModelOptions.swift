import ArgumentParser
import Experiments
import Geometry

/// Which model to use: a run, or Darknet files.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder of a training run: its best model is used.", valueName: "dir"))
  var run: String?

  @Option(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String?

  @Option(help: ArgumentHelp("The Darknet weights of --model.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Class names, one a line. (default: the .names file beside the cfg, if there is one)",
      valueName: "file"))
  var names: String?

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(help: ArgumentHelp("Input size in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      """
      How images are brought to the input: letterbox, stretch, or of classifiers crop, which shows their \
      middle. (default: the model's; of a cfg that does not say, letterbox, and of a classifier crop)
      """, valueName: "mode"))
  var resize: ResizeMode?

  @Option(
    help: ArgumentHelp(
      """
      What a letterbox is filled with, from 0 (black) to 1. (default: the run's; of --weights 0.5, as \
      Darknet's)
      """, valueName: "value"))
  var letterboxFill: Float?

  @Option(
    help: ArgumentHelp(
      """
      Makes the objectness of the heads in --weights Bayesian, without training: w ~ N(k, λ k²) \
      with the file's weights as k and this λ.
      """, valueName: "λ"))
  var relativeVariance: Float?

  func validate() throws {
    if let relativeVariance, !(relativeVariance >= 0 && relativeVariance <= 1e6) {
      throw ValidationError("--relative-variance must be between 0 and 1000000")
    }
    if relativeVariance != nil && weights == nil {
      throw ValidationError("--relative-variance belongs to --weights")
    }
    if run != nil && (model != nil || weights != nil) {
      throw ValidationError("give --run, or --model with --weights, not both")
    }
    if (model == nil) != (weights == nil) {
      throw ValidationError("--model and --weights belong together")
    }
    if run != nil && names != nil {
      throw ValidationError("--names belongs to --model: a run knows its class names")
    }
    try InputSize.validate(size)
    try LetterboxFill.validate(letterboxFill)
  }

  /// What was named, nil for nothing.
  var choice: ModelChoice? {
    let place: ModelChoice.Place
    if let run {
      place = .run(run)
    } else if let model, let weights {
      var files = ModelChoice.DarknetFiles(configuration: model, weights: weights, names: names)
      files.isLenient = lenient
      files.relativeVariance = relativeVariance
      place = .darknet(files)
    } else {
      return nil
    }
    var choice = ModelChoice(place)
    choice.inputSize = size
    choice.resize = resize
    choice.letterboxFill = letterboxFill
    return choice
  }

  /// For commands that cannot do without a model.
  func named() throws -> ModelChoice {
    guard let choice else {
      throw ValidationError("name a model with --run, or with --model and --weights")
    }
    return choice
  }
}

/// The sides that a network's input may have.
enum InputSize {
  static func validate(_ size: Int?) throws {
    if let size, size < 32 || size > 8192 {
      throw ValidationError("--size must be between 32 and 8192")
    }
  }
}

/// What a letterbox may be filled with.
enum LetterboxFill {
  static func validate(_ fill: Float?) throws {
    if let fill, !(0...1).contains(fill) {
      throw ValidationError("--letterbox-fill must be between 0 and 1")
    }
  }
}

extension ResizeMode: ExpressibleByArgument {}
