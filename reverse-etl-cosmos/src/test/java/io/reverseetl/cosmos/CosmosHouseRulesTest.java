package io.reverseetl.cosmos;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls of docs/architecture.md around this module. */
@AnalyzeClasses(
    packages = {"io.reverseetl.cosmos", "io.reverseetl.azure"},
    importOptions = DoNotIncludeTests.class)
class CosmosHouseRulesTest {

  @ArchTest
  static final ArchRule nobodyHereKnowsKernelParquetOrHadoop =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.delta..", "org.apache.parquet..", "org.apache.hadoop..");

  /** Services that only read must not need the loader and what it brings along. */
  @ArchTest
  static final ArchRule whatReadersUseKnowsOnlyTheClient =
      classes()
          .that()
          .haveNameMatching("io[.]reverseetl[.]cosmos[.](ActiveSnapshot|SnapshotView).*")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "java..",
                      "com.azure.cosmos..",
                      "reactor.core..",
                      "com.fasterxml.jackson..",
                      "org.jspecify..")
                  .or(nameMatching("io[.]reverseetl[.]cosmos[.](ActiveSnapshot|SnapshotView).*")));

  @ArchTest
  static final ArchRule onlyNounsOfTheCoreAreUsed =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.reverseetl",
              "io.reverseetl.delta..",
              "io.reverseetl.mapping..",
              "io.reverseetl.table..",
              "io.reverseetl.testing..");

  /** The client for storage is an optional dependency: writing works without it. */
  @ArchTest
  static final ArchRule writingDoesNotKnowStorage =
      noClasses()
          .that()
          .resideInAPackage("io.reverseetl.cosmos..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.azure.storage..", "io.reverseetl.azure..", "io.reverseetl.storage..");

  @ArchTest
  static final ArchRule storageDoesNotKnowWriting =
      noClasses()
          .that()
          .resideInAPackage("io.reverseetl.azure..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.azure.cosmos..",
              "io.reverseetl.cosmos..",
              "io.reverseetl.document..",
              "io.reverseetl.checkpoint..",
              "io.reverseetl.ratelimit..");
}
