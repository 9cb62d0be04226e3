package io.reverseetl.azure;

import io.reverseetl.storage.LakeStorage;
import io.reverseetl.storage.LakeStorageContract;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of storages, over an emulator or an account. */
class AzureLakeStorageIT extends LakeStorageContract {
  private static TestLake lake;
  private final String folder = UUID.randomUUID().toString();

  @BeforeAll
  static void openLake() {
    lake = TestLake.open();
  }

  @AfterAll
  static void closeLake() {
    if (lake != null) {
      lake.close();
    }
  }

  @Override
  protected LakeStorage storage() {
    return lake.storage();
  }

  @Override
  protected String folder() {
    return lake.uri(folder);
  }

  @Override
  protected void write(String path, byte[] bytes) {
    lake.write(folder + "/" + path, bytes);
  }
}
