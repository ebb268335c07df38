import Compute
import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RunsPageTests {
  @Test func onePageOrAnError() throws {
    try SmallWorld.use { world in
      let run = try world.run("run")
      var page = RunsPage(runs: [run, run], data: world.data("test"))
      page.judgement.draws = 5
      page.judgement.scoreFloor = 0.01
      page.exampleCount = 2
      let (html, count, _) = try page.html(backend: world.backend, world.console())
      #expect(
        count == "4 images" && html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      for id in [
        "summary", "evaluated", "precision-recall", "reliability", "risk-coverage", "confusion",
        "mistakes", "training", "worst", "uncertain", "differences",
      ] { #expect(html.contains("<section id=\"\(id)\">"), "\(id)") }
      #expect(html.contains("/data:test, 4 images") && !html.contains("class=\"warning\""))
      // The same bytes with other threads, but for the time that it took.
      func timeless(_ html: String) -> [Substring] {
        html.split(separator: "\n").filter {
          !$0.contains("to find the objects in all images")
        }
      }
      let alone = CPUBackend(pool: try ThreadPool(threadCount: 1))
      let again = try page.html(backend: alone, world.console()).text
      #expect(timeless(again) == timeless(html))
      // On images that a run has learned from, the page warns.
      page.runs = [run]
      page.data = world.data("all")
      page.exampleCount = 0
      let warned = try page.html(backend: world.backend, world.console()).text
      #expect(warned.contains("12 of these 20 images were trained on"))

      func message(_ runs: [String]) -> String {
        do {
          _ = try RunsPage(runs: runs, data: world.data("test")).html(
            backend: world.backend, world.console())
          return ""
        } catch {
          return "\(error)".replacing(world.folder.path + "/", with: "")
        }
      }
      #expect(
        message([world.path("none")])
          == "none: holds no best.safetensors or last.safetensors; is it a run?")
      var plan = world.plan()
      try world.folder.write("other.names", "circle\nellipse\nrectangle\nsquare\nstar\nwedge\n")
      plan.names = world.path("other.names")
      #expect(
        message([run, try world.run("other", plan)])
          == "other: its classes (circle, ellipse, rectangle, square, star, wedge) are not those of "
          + "run (circle, ellipse, rectangle, square, star, triangle)")
    }
  }
}
