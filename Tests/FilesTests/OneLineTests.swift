import Files
import Testing

@Suite struct OneLineTests {
  @Test(arguments: [
    ("a\nb", "a?b"), ("\u{1B}[31m", "?[31m"), ("a\u{2028}\u{85}\r", "a???"), ("né 螺", "né 螺"),
    ("", ""),
  ]) func controlCharactersAreReplaced(_ text: String, _ expected: String) {
    #expect(text.onOneLine == expected)
    #expect(FileError(path: "f", reason: text).description == "f: " + expected)
  }
}
