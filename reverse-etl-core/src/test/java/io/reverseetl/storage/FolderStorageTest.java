package io.reverseetl.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.io.TempDir;

class FolderStorageTest extends LakeStorageContract {
  @TempDir Path folder;

  @Override
  protected LakeStorage storage() {
    return new FolderStorage(folder);
  }

  @Override
  protected String folder() {
    return "lake://test/base";
  }

  @Override
  protected void write(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve("base").resolve(path);
    Files.createDirectories(file.getParent());
    Path written = Files.write(Files.createTempFile(folder, "new", ""), bytes);
    Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
