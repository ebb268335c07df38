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

  @Test func sharesArePerCent() {
    #expect(NumberText.percent(0.12345) == "12.3" && NumberText.percent(0.5, digits: 2) == "50.00")
    #expect(NumberText.percent(nil) == "n/a" && NumberText.decimal(nil, digits: 3) == "n/a")
    #expect(NumberText.decimal(-0.0625, digits: 3) == "-0.062")
  }
}
