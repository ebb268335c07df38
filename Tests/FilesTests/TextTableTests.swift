import Files
import Testing

@Suite struct TextTableTests {
  @Test func numbersStandToTheRight() {
    let table = TextTable([["name", "mAP", ""], ["a", "1.25", "x"], ["größer", "n/a", ""]])
    #expect(
      table.lines == [
        "name     mAP",
        "a       1.25  x",
        "größer   n/a",
      ])
    #expect(table.width == 15 && table.rule == "---------------")
  }

  @Test func textsStandToTheLeft() {
    let table = TextTable([["ab", "c"], ["d", "efg"]], .texts)
    #expect(table.lines == ["ab  c", "d   efg"])
    #expect(TextTable([]).lines.isEmpty && TextTable([]).rule.isEmpty)
  }

  @Test func wideTablesGoOnBelow() {
    let rows = [["name", "one", "two", "three"], ["a", "11", "22", "33"]]
    #expect(
      TextTable.folded(rows, limit: 16) == [
        "name  one  two", "a      11   22", "", "name  three", "a        33",
      ])
    #expect(TextTable.folded(rows, limit: 40) == TextTable(rows).lines)
    // Two columns name a row; a column that is too wide stands alone.
    #expect(
      TextTable.folded(rows, .texts, keys: 2, limit: 5) == [
        "name  one  two", "a     11   22", "", "name  one  three", "a     11   33",
      ])
    #expect(
      TextTable.listed("  x  ", ["aa", "bb", "cc"], limit: 12) == ["  x  aa, bb,", "     cc"])
    #expect(TextTable.listed("  x  ", ["a long part"], limit: 5) == ["  x  a long part"])
  }

  @Test func sharesArePerCent() {
    #expect(NumberText.percent(0.12345) == "12.3" && NumberText.percent(0.5, digits: 2) == "50.00")
    #expect(NumberText.percent(nil) == "n/a" && NumberText.decimal(nil, digits: 3) == "n/a")
    #expect(NumberText.decimal(-0.0625, digits: 3) == "-0.062")
  }
}
