import Files
package import Foundation

extension ClassificationReport {
  /// More classes are not all shown: the worst are.
  private static let shownClasses = 20
  private static let shownConfusions = 8

  /// The numbers for people, in per cent, with intervals where there are any.
  package var table: String {
    func row(_ keys: [String]) -> String {
      figures.filter { keys.contains($0.key) }.map { "\($0.title) \(Self.text($0))" }
        .joined(separator: ", ")
    }
    var lines = classLines
    lines += [
      "", "\(imageCount) images, \(classNames.count) classes; in %, NLL in nats",
      "accuracy     " + row(["top1", "top5", "balancedAccuracy", "macroF1"]),
      "calibration  " + row(["ece15", "adaptiveECE", "classwiseECE"]) + ", "
        + row(["nll", "brier"]),
    ]
    lines += Self.lines("wrong ones told by", wrongAnswers)
    if let unknown = unknownImages {
      lines.append("\(unknown.count) images of \(unknown.place), which are of no class")
      lines += Self.lines("told by", unknown.telling)
    }
    let confusions = confusions(limit: Self.shownConfusions)
    if !confusions.isEmpty {
      lines.append(
        "confused     "
          + confusions.map {
            "\(classNames[$0.label]) for \(classNames[$0.answer]) \($0.count)"
          }.joined(separator: ", "))
    }
    lines +=
      settings.isEmpty
      ? [] : [settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")]
    lines += notes.map { "note: " + $0 }
    return lines.joined(separator: "\n") + "\n"
  }

  private var classLines: [String] {
    let shown: [Int]
    if classes.count <= Self.shownClasses {
      shown = Array(classes.indices)
    } else {
      let worst = classes.indices.filter { classes[$0].images > 0 }.sorted {
        let (first, second) = (classes[$0].f1 ?? 0, classes[$1].f1 ?? 0)
        return first != second ? first < second : $0 < $1
      }
      shown = Array(worst.prefix(Self.shownClasses))
    }
    let rows = shown.map { index in
      let row = classes[index]
      return [
        classNames[index], "\(row.images)", "\(row.answers)", "\(row.right)",
        NumberText.percent(row.precision), NumberText.percent(row.recall),
        NumberText.percent(row.f1),
      ]
    }
    let header = ["class", "images", "answers", "right", "precision", "recall", "F1"]
    let table = TextTable([header] + rows)
    return table.lines
      + (shown.count < classes.count
        ? ["the \(shown.count) of \(classes.count) classes with the lowest F1"] : [])
  }

  private static func lines(_ title: String, _ telling: [Telling]) -> [String] {
    let rows = telling.map {
      [
        "  " + $0.score.title, $0.areaUnderROC.text(), $0.areaUnderPrecisionRecall.text(),
        $0.passing.text(), $0.areaUnderRiskCoverage.text(),
      ]
    }
    return TextTable([["  " + title, "AUROC", "AUPR", "FPR95", "AURC"]] + rows, .texts).lines
  }

  private static func text(_ figure: Figure) -> String {
    figure.isShare ? figure.estimate.text() : figure.estimate.text(scale: 1, digits: 3)
  }

  /// The JSON document, keys sorted; what is undefined is null.
  ///
  /// - Throws: Never for finite results.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(document) + Data("\n".utf8)
  }

  private var document: JSONValue {
    var parts: [String: JSONValue] = [
      "task": .text("classification"), "images": .integer(imageCount),
      "notes": .list(notes.map(JSONValue.text)),
      "settings": .object(
        Dictionary(settings.map { ($0.name, .text($0.value)) }, uniquingKeysWith: { $1 })),
      "confusion": .object([
        "classes": .list(classNames.map(JSONValue.text)),
        "counts": .list(confusion.map { .list($0.map(JSONValue.integer)) }),
      ]),
      "classes": .object(
        Dictionary(
          uniqueKeysWithValues: zip(classNames, classes).map { name, row in
            (
              name,
              .object([
                "images": .integer(row.images), "answers": .integer(row.answers),
                "right": .integer(row.right), "precision": .number(row.precision),
                "recall": .number(row.recall), "f1": .number(row.f1),
              ])
            )
          })),
      "wrongAnswers": Self.value(wrongAnswers),
    ]
    for figure in figures { parts[figure.key] = .estimate(figure.estimate) }
    if let unknown = unknownImages {
      parts["unknownImages"] = .object([
        "images": .integer(unknown.count), "place": .text(unknown.place),
        "toldBy": Self.value(unknown.telling),
      ])
    }
    return .object(parts)
  }

  private static func value(_ telling: [Telling]) -> JSONValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: telling.map {
          (
            $0.score.rawValue,
            .object([
              "auroc": .estimate($0.areaUnderROC), "aupr": .estimate($0.areaUnderPrecisionRecall),
              "fpr95": .estimate($0.passing), "aurc": .estimate($0.areaUnderRiskCoverage),
            ])
          )
        }))
  }
}
