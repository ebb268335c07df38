import Foundation
import Testing

@Suite struct HelpTests {
  private let detector = Program(folder: FileManager.default.temporaryDirectory)

  static let commands = [
    "train", "compare", "eval", "report", "calibrate", "shift", "detect", "predict", "uncertainty",
    "select",
    "summary", "check", "anchors", "convert", "quantize", "synthesize", "bench", "plot",
  ]

  @Test(arguments: commands) func everyCommandHasHelp(_ command: String) throws {
    let outcome = try detector(command, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE: detector \(command) "))
    #expect(outcome.errors == "")
    // Every option says what it does.
    for line in outcome.output.split(separator: "\n") where line.hasPrefix("  --") {
      #expect(!line.hasSuffix(">") || line.count > 24, "\(line)")
    }
  }

  @Test func commandsAreListed() throws {
    let outcome = try detector("--help")
    #expect(outcome.status == 0)
    for command in Self.commands { #expect(outcome.output.contains("\n  \(command) ")) }
    #expect(try detector("--version").output == "0.1.0\n")
  }

  @Test(arguments: [
    (["detect"], "Missing expected argument '<image> ...'"),
    (["detect", "a.jpg"], "name a model with --run, or with --model and --weights"),
    (["detect", "a.jpg", "--model", "a.cfg"], "--model and --weights belong together"),
    (
      ["detect", "a.jpg", "--run", "r", "--model", "a.cfg", "--weights", "w"],
      "give --run, or --model with --weights, not both"
    ),
    (
      ["detect", "a.jpg", "--run", "r", "--confidence", "2"],
      "--confidence and --nms must be between 0 and 1"
    ),
    (
      ["uncertainty", "a.jpg", "--run", "r", "--out", "o", "--kind", "bald,doubt"],
      "there is no kind 'doubt'; --kind takes bald, sigma, entropy and difficulty"
    ),
    (
      ["uncertainty", "a.jpg", "--run", "r", "--out", "o", "--sigma-limit", "0"],
      "--sigma-limit must be a number above 0"
    ),
    (
      ["select", "a.jpg", "--run", "r", "--out", "o", "--budget", "0"],
      "--budget must be at least 1"
    ),
    (
      ["shift", "--voc", "d", "--run", "r", "--corruptions", "noise,fog"],
      "there is no corruption 'fog'; --corruptions takes all, noise, blur, contrast, jpeg, brightness, light-jpeg"
    ),
    (
      ["shift", "--voc", "d", "--run", "r", "--severities", "2-6"],
      "--severities must be from 0 to 5, such as 0-5 or 0,2,4"
    ),
    (["train", "--model", "a.cfg"], "give training data with --voc or --data"),
    (
      ["train", "--voc", "d", "--data", "d", "--model", "a.cfg"],
      "--voc and --data exclude each other; --data takes VOC data sets too"
    ),
    (
      ["eval", "--voc", "d", "--data", "d", "--run", "r"],
      "--voc and --data exclude each other; --data takes VOC data sets too"
    ),
    (["check"], "give the data with --voc or --data"),
    (
      ["check", "--voc", "d", "--label-noise", "drop=.1"],
      "--label-noise is for labels that a model looks at: give --run"
    ),
    (
      ["check", "--voc", "d", "--out", "o"],
      "--out is for labels that a model looks at: give --run"
    ),
    (
      ["check", "--voc", "d", "--run", "r", "--label-noise", "lose=.1"],
      "label noise 'lose=.1' has a part 'lose=.1'; give drop=.1,move=.1,rename=.1,add=.1,seed=1 or a part of it"
    ),
    (
      ["train", "--voc", "d", "--label-noise", "drop=3"],
      "The value 'drop=3' is invalid for '--label-noise <shares>': label noise 'drop=3' has a share of 3, not of 0 to 1; give drop=.1,move=.1,rename=.1,add=.1,seed=1 or a "
        + "part of it"
    ),
    (
      ["train", "--resume", "--out", "r", "--label-noise", "drop=.3"],
      "--resume continues the run as it was started; leave out --label-noise"
    ),
    (
      ["train", "--resume", "--out", "r", "--clip-together"],
      "--resume continues the run as it was started; leave out --clip-together"
    ),
    (["compare", "--voc", "d", "--power", "0"], "--power must be above 0"),
    (
      ["shift", "--voc", "d", "--run", "r", "--foreign", "f", "--severities", "1"],
      "--foreign compares with the images as they are: --severities needs 0"
    ),
    (
      ["train", "--voc", "d", "--model", "a.cfg", "--test-fraction", "1"],
      "--test-fraction must be at least 0 and below 1"
    ),
    (
      ["eval", "--voc", "d", "--run", "r", "--val-fraction", "0.9"],
      "--val-fraction and --test-fraction leave no images to train on: 90 % val, 10 % test"
    ),
    (
      ["train", "--resume", "--out", "r", "--annotated-size", "ignore"],
      "--resume continues the run as it was started; leave out --annotated-size"
    ),
    (["train", "--voc", "d", "--model", "a.cfg", "--epochs", "0"], "--epochs must be at least 1"),
    (["train", "--resume"], "--resume needs the run's folder in --out"),
    (
      ["train", "--resume", "--out", "r", "--batch", "9"],
      "--resume continues the run as it was started; leave out --batch"
    ),
    (["compare", "--model", "a.cfg"], "give training data with --voc or --data"),
    (
      ["compare", "--voc", "d", "--model", "a.cfg", "--seeds", "1,1"],
      "--seeds must be different numbers, such as 1,2,3"
    ),
    (
      ["compare", "--voc", "d", "--model", "a.cfg", "--patience", "3"],
      "--patience would let the images that judge decide when a run ends; leave it out"
    ),
    (["summary", "a.cfg", "--size", "8"], "--size must be between 32 and 8192"),
    (["convert", "--out", "w"], "give --run, or --model with --weights"),
    (["bench", "--model", "a.cfg", "--threads", "0"], "--threads must be at least 1"),
    (
      ["frobnicate"],
      "there is no command 'frobnicate'; there are \(commands.joined(separator: ", "))"
    ),
    (["trian", "--voc", "d"], "there is no command 'trian'; did you mean 'train'?"),
    (["infer", "a.jpg"], "there is no command 'infer'; here it is detect"),
    (["val"], "there is no command 'val'; here it is eval"),
    (["export"], "there is no command 'export'; here it is convert"),
    (["detect", "a.jpg", "--conf", "0.5"], "there is no --conf; here it is --confidence"),
    (["detect", "a.jpg", "--iou=0.5"], "there is no --iou; here it is --nms"),
    (["detect", "a.jpg", "--tta"], "there is no --tta; here it is --augment"),
    (["eval", "--imgsz", "640"], "there is no --imgsz; here it is --size"),
    (
      ["eval", "--voc", "d", "--run", "r", "--iou", "2"],
      "--iou and --trust-floor must be between 0 and 1"
    ),
    (["train", "--voc", "d", "--lr0", "0.1"], "there is no --lr0; here it is --learning-rate"),
    (["train", "--voc", "d", "--batch-size", "8"], "there is no --batch-size; here it is --batch"),
    (["train", "--voc", "d", "--workers", "8"], "there is no --workers; here it is --threads"),
    (["train", "--voc", "d", "--project", "r"], "there is no --project; here it is --out"),
    (["train", "--voc", "d", "--cfg", "a.cfg"], "there is no --cfg; here it is --model"),
    (
      ["train", "--voc", "d", "--device", "0"],
      "there is no --device: the program computes on the CPU; --threads says on how many cores"
    ),
    (
      ["detect", "--source", "a.jpg"],
      "there is no --source: images and their folders are named without an option: detect photo.jpg"
    ),
    (
      ["train", "--voc", "https://example.org/data.zip"],
      "https://example.org/data.zip is an address; download it first, and name the file"
    ),
  ]) func wrongUsage(_ arguments: [String], _ message: String) throws {
    let outcome = try detector.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("Error: \(message)\n"), "\(outcome.errors)")
    #expect(outcome.output == "")
  }
}
