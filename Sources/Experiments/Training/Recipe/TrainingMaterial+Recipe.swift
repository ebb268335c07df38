import Compute
import Darknet
import Datasets
import Detection
import Geometry
import Tasks
import Training

extension TrainingMaterial {
  /// The recipe that a plan asks for, and this material with the cfg for it.
  ///
  /// The automatic recipe is for detectors; a classifier's cfg keeps its own schedule.
  ///
  /// - Parameters:
  ///   - plan: What the user says stays.
  ///   - pool: Reads the images' headers.
  ///   - console: Told which anchors are taken and why.
  /// - Returns: The recipe, nil where the cfg decides.
  /// - Throws: `DarknetError`; `DetectionError` if anchors are asked for that the boxes cannot give.
  func following(
    _ plan: TrainingPlan, pool: ThreadPool, _ console: Console
  ) throws -> (recipe: AutomaticRecipe?, material: TrainingMaterial) {
    guard let samples = data.training as? [Sample<[GroundTruth]>] else { return (nil, self) }
    var recipe: AutomaticRecipe?
    var material = self
    if plan.recipe == .auto {
      let trained = try plan.settings.filter { $0.section == "net" }
        .reduce(file) { try $0.applying($1) }
      let chosen = AutomaticRecipe(
        traits: DataTraits(samples, pool: pool), stride: try NetworkBuilder.build(trained).stride,
        optimizer: try NetConfiguration(trained).optimizer.name)
      recipe = chosen
      if let size = chosen.completing(plan).inputSize {
        material.file = try file.settingInputSize(width: size, height: size)
        if let advice = chosen.advice(onSize: size) { console.say("note: " + advice) }
      }
    }
    material.file = try material.anchored(plan, samples, pool, console)
    return (recipe, material)
  }

  /// The cfg with the anchors that the plan asks for.
  private func anchored(
    _ plan: TrainingPlan, _ samples: [Sample<[GroundTruth]>], _ pool: ThreadPool,
    _ console: Console
  ) throws -> ConfigurationFile {
    guard plan.anchors ?? (plan.recipe == .auto ? .auto : .cfg) == .auto else { return file }
    let definition = try NetworkBuilder.build(file)
    guard let size = definition.heads.isEmpty ? nil : definition.net else { return file }
    let mode = plan.resize ?? (size.letterBox == false ? .stretch : .letterbox)
    let boxes = BoxSizes(
      samples, inputWidth: size.width, inputHeight: size.height, mode: mode, pool: pool)
    let found: AnchorChoice.Result
    do {
      found = try AnchorChoice.Result(
        boxes, imageCount: samples.count, mode: mode, definition: definition)
    } catch DetectionError.tooFewBoxes where plan.anchors == nil {
      return file
    }
    let present = found.present?.fit ?? 0
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    let fits = "mean IoU with the objects \(percent(found.fit)), the cfg's \(percent(present))"
    if plan.anchors == nil, present >= min(AutomaticRecipe.anchorFit, found.fit) { return file }
    console.say("anchors from the data: \(fits); --anchors cfg keeps the cfg's")
    return try file.settingAnchors(found.anchors)
  }
}
