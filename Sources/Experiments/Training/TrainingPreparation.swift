import Compute
import Darknet
import Datasets
import Tasks
import Training

/// What a plan comes to before anything is made: the data, the cfg, and how it is trained.
struct TrainingPreparation<Task: LearningTask> {
  /// The data.
  let material: TrainingMaterial<Task>
  /// The cfg as it is trained, with its loss.
  let file: ConfigurationFile
  /// How it is trained.
  private(set) var configuration: RunConfiguration
  /// The number of parts in which an update fits into the memory, if that chose it.
  private let parts: Int?
  private let memoryHint: String?
  private let plan: TrainingPlan
  private let recipe: AutomaticRecipe?
  private let definition: NetworkDefinition
  private let seed: UInt64
  private let version: String

  /// - Parameters:
  ///   - plan: What a user asks for.
  ///   - file: The plan's cfg.
  ///   - loss: The loss; nil: the cfg's.
  ///   - seed: Chooses weights, order and augmentation.
  ///   - version: That of the program.
  ///   - memory: What the training may need; nil: unknown.
  ///   - ranks: Processes that share every batch.
  ///   - pool: Reads the images' headers.
  ///   - console: Told what was left out of the data, and what was changed.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`, ``UsageError``.
  init(
    _ plan: TrainingPlan, file: ConfigurationFile, loss: LossChoice?, seed: UInt64,
    version: String, memory: AvailableMemory?, ranks: Int = 1, pool: ThreadPool, _ console: Console
  ) throws {
    let plan = plan.startingFromPretrained(console)
    var shared = plan
    shared.data.seed = plan.data.seed ?? seed
    let read = try TrainingMaterial<Task>(shared, file: file, console)
    let (recipe, material) = try read.following(plan, pool: pool, console)
    let imageCount = material.data.training.count
    var file = material.file
    if let loss { file = try loss.applied(to: file, imageCount: imageCount) }
    for setting in plan.settings { file = try file.applying(setting) }
    let definition = try NetworkBuilder.build(file)
    func configuration(parts: Int?) throws -> RunConfiguration {
      try Self.configuration(
        plan, recipe, definition, material, parts: parts, seed: seed, version: version)
    }
    var configured = try configuration(parts: nil)
    var (fitted, hint): (Int?, String?) = (nil, nil)
    if let memory {
      let fit = MemoryFit(
        memory, definition, configured.options, isValidated: !material.data.validation.isEmpty,
        ranks: ranks)
      if recipe != nil, plan.subdivisions == nil {
        fitted = try fit.subdivisions(
          batch: configured.options.batch, ranks: ranks)
        configured = try configuration(parts: fitted)
      } else {
        hint = try fit.hint(
          batch: configured.options.batch, subdivisions: configured.options.subdivisions)
      }
    }
    self.plan = plan
    self.recipe = recipe
    self.material = material
    self.file = file
    self.definition = definition
    self.seed = seed
    self.version = version
    self.configuration = configured
    parts = fitted
    memoryHint = hint
  }

  /// Whether the memory decided into how many parts an update is cut.
  var isFitted: Bool { parts != nil }

  /// Makes the training as long as fits into a time.
  ///
  /// - Throws: ``UsageError`` if nothing does; `TrainingError`.
  mutating func fit(minutes: Double, by forecast: TrainingForecast) throws {
    var plan = plan
    plan.epochs = try forecast.epochs(
      in: minutes, imageCount: material.data.training.count, configuration.options)
    configuration = try Self.configuration(
      plan, recipe, definition, material, parts: parts, seed: seed, version: version)
  }

  /// What people seldom mean, a line each.
  func hints() -> [String] {
    TrainingHints.plan(plan, configuration) + (memoryHint.map { [$0] } ?? [])
      + TrainingHints.warmUp(
        definition.outputs.classifier, configuration,
        imageCount: material.data.training.count)
  }

  private static func configuration(
    _ plan: TrainingPlan, _ recipe: AutomaticRecipe?, _ definition: NetworkDefinition,
    _ material: TrainingMaterial<Task>, parts: Int?, seed: UInt64, version: String
  ) throws -> RunConfiguration {
    var plan = plan
    plan.subdivisions = plan.subdivisions ?? parts
    return try (recipe?.completing(plan) ?? plan)
      .configuration(definition.net, material, seed: seed, version: version)
  }
}
