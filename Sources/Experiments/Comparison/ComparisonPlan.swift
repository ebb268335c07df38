package import Compute
package import Darknet
import Datasets
import Tasks
import Training

/// What a user wants to compare.
package struct ComparisonPlan {
  /// How every row is trained.
  package var training: TrainingPlan
  /// Names of rows and of groups of them; which rows there are depends on the task.
  package var rows: [String]
  package var seeds: [UInt64]
  /// Further values of the cfg by the name of a row: a loss has a rate of its own.
  package var rowSettings: [(row: String, setting: ConfigurationSetting)] = []

  /// Chooses the shares of data that nobody has divided: the same for all seeds.
  private static let splitSeed: UInt64 = 1

  package init(training: TrainingPlan, rows: [String], seeds: [UInt64]) {
    self.training = training
    self.rows = rows
    self.seeds = seeds
  }

  /// The seeds that a list names.
  ///
  /// - Throws: ``UsageError`` unless they are different numbers.
  package static func seeds(named list: String) throws -> [UInt64] {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt64($0) }
    guard numbers.count == parts.count, Set(numbers).count == numbers.count else {
      throw UsageError("--seeds must be different numbers, such as 1,2,3")
    }
    return numbers
  }

  /// Reads `ROW:SECTION.KEY=VALUE`.
  ///
  /// - Throws: ``UsageError`` for any other text.
  package static func rowSetting(
    _ text: String
  ) throws -> (row: String, setting: ConfigurationSetting) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let setting = ConfigurationSetting(String(parts[1])) else {
      throw UsageError(
        "--row-set \(text): ROW:SECTION.KEY=VALUE is needed, such as anchor:net.learning_rate=0.01")
    }
    return (String(parts[0]), setting)
  }

  /// The names in a list.
  ///
  /// - Throws: ``UsageError`` for one that is no row of any task, and without any.
  package static func rows(named list: String) throws -> [String] {
    let names = list.split(separator: ",").map(String.init)
    if names.isEmpty { throw UsageError("--rows names nothing") }
    return try asked {
      try ComparisonRows.check(names); return names
    }
  }

  private static func asked<Result>(_ rows: () throws -> Result) throws -> Result {
    do {
      return try rows()
    } catch let error as TrainingError {
      throw UsageError("--rows: \(error)")
    }
  }

  /// The comparison in a folder, with its data read.
  ///
  /// - Parameters:
  ///   - folder: Holds the runs.
  ///   - version: That of the program.
  ///   - pool: Reads the images' headers.
  ///   - console: Told what was left out of the data.
  /// - Returns: The comparison, of which runs may be finished.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`; ``UsageError`` for a row that
  ///   the task has not, and for a setting of a section that no row has.
  package func comparison(
    in folder: String, version: String, pool: ThreadPool, _ console: Console
  ) throws -> any RunnableComparison {
    let (file, task) = try training.network(console)
    guard let task = task as? any ComparableTask.Type else {
      throw TaskError.otherTask(
        network: file.fileName, task: task.name, needed: DetectionTask.name)
    }
    return try comparison(of: task, file, in: folder, version: version, pool: pool, console)
  }

  private func comparison<Task: ComparableTask>(
    of task: Task.Type, _ file: ConfigurationFile, in folder: String, version: String,
    pool: ThreadPool, _ console: Console
  ) throws -> any RunnableComparison {
    var training = training.startingFromPretrained(console)
    training.data.seed = training.data.seed ?? Self.splitSeed
    let read = try TrainingMaterial<Task>(training, file: file, console)
    let (recipe, material) = try read.following(training, pool: pool, console)
    training = recipe?.completing(training) ?? training
    let named = try Self.asked { try Task.comparisonRows.named(self.rows) }
    if let stray = rowSettings.first(where: { entry in
      !named.contains { $0.name == entry.row }
    }) {
      throw UsageError("--row-set \(stray.row): no such row is compared")
    }
    let rows = named.map { row in
      row.adding(rowSettings.filter { $0.row == row.name }.map(\.setting))
    }
    let files = try rows.map {
      try $0.applied(
        to: material.file, settings: training.settings,
        imageCount: material.data.training.count)
    }
    let nets = try files.map { try NetworkBuilder.build($0).net }
    if let stray = training.settings.first(where: { setting in
      !files.contains { $0.has(section: setting.section) }
    }) {
      throw UsageError("--set \(stray): no row has a [\(stray.section)]")
    }
    let comparison = try Comparison<Task>(
      folder: folder, rows: rows, seeds: seeds, data: material.data
    ) {
      row, seed in
      let index = rows.firstIndex(of: row) ?? 0
      // The recipe's rate is for all rows; one of a row's own goes first.
      var own = training
      if row.settings.contains(where: { $0.section == "net" && $0.key == "learning_rate" }) {
        own.learningRate = Double(nets[index].learningRate)
      }
      return (
        files[index],
        try own.configuration(nets[index], material, seed: seed, version: version)
      )
    }
    for run in comparison.runs where run.seed == seeds.first {
      let hints = TrainingHints.warmUp(
        try NetworkBuilder.build(run.file).outputs.classifier, run.configuration,
        imageCount: material.data.training.count, remedy: "give more epochs")
      for hint in hints { console.say("note: row \(run.row.name): " + hint) }
    }
    return comparison
  }
}
