import Foundation
import Testing

@testable import Files

/// The place of the first fault, as a person would point at it.
@Suite struct JSONSyntaxTests {
  @Test(arguments: [
    ("", 1, 1, "the file is empty"), (" \n ", 2, 2, "the file is empty"),
    ("{\n \"a\": NaN\n}", 2, 7, "'NaN' is not a value of JSON"),
    ("[1, -Infinity]", 1, 5, "'-Infinity' is not a value of JSON"),
    ("[1e999]", 1, 2, "1e999 is more than a number can hold"),
    ("[1,\n 2", 2, 3, "the file ends inside a list"), ("{\"a\": 1", 1, 8, "inside an object"),
    ("{\"a\"", 1, 5, "inside an object"), ("{\"a\": ", 1, 7, "where a value should be"),
    ("{\"a\" 1}", 1, 6, "a colon is missing"), ("{a: 1}", 1, 2, "'a' stands where a name"),
    ("[1 2]", 1, 4, "'2' stands where a comma"), ("[1,]", 1, 4, "']' is not a value"),
    ("{\"a\": 1,}", 1, 9, "'}' stands where a name"), ("[\"a]", 1, 2, "no closing quote"),
    ("[] x", 1, 4, "follows the end"), ("[01]", 1, 2, "'01' is not a value"),
    ("[.5]", 1, 2, "'.5' is not a value"), ("\u{FEFF}[1 2]", 1, 7, "stands where a comma"),
  ]) func faults(_ text: String, _ line: Int, _ column: Int, _ reason: String) throws {
    let fault = try #require(JSONSyntax.fault(in: Data(text.utf8)))
    #expect(fault.line == line && fault.column == column, "\(fault)")
    #expect(fault.reason.contains(reason), "\(fault)")
  }

  @Test(arguments: [
    "[]", "{}", " {\"a\": [1, -2.5e-3, true, false, null, \"x\\\"y\\\\\"], \"b\": {}} \n", "0",
    "\u{FEFF}{\"a\": \"ü\"}",
  ]) func validDocuments(_ text: String) {
    #expect(JSONSyntax.fault(in: Data(text.utf8)) == nil)
    #expect(
      (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil)
  }

  /// Whatever is cut off, Foundation and this agree that it is no document.
  @Test func everyCut() {
    let text = "{\"images\": [{\"file\": \"a\\\"b\", \"box\": [1, 2.5, -3e2], \"x\": null}]}"
    for count in 0..<text.utf8.count {
      #expect(JSONSyntax.fault(in: text.utf8.prefix(count)) != nil, "\(count)")
    }
    #expect(JSONSyntax.fault(in: text.utf8) == nil)
  }
}
