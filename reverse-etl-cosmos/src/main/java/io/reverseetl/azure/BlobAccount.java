package io.reverseetl.azure;

import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import io.reverseetl.storage.StoredFile;
import io.reverseetl.storage.StoredRange;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The files of one account. Thread-safe. */
final class BlobAccount {
  /** How often the rest of a range is asked for again, after the connection broke within it. */
  private static final int MAX_RESUMED = 3;

  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");
  private static final Comparator<StoredFile> BY_PATH =
      (one, other) -> Utf8Order.compare(one.path(), other.path());

  private final BlobServiceClient client;

  /** Not every service knows where to begin a listing; older ones and emulators ignore it. */
  private volatile boolean beginsAnywhere = true;

  BlobAccount(BlobServiceClient client) {
    this.client = client;
  }

  private BlobClient blob(AzurePath path) {

    return client.getBlobContainerClient(path.container()).getBlobClient(path.path());
  }

  StoredFile find(AzurePath path) throws IOException {
    try {
      BlobProperties properties = blob(path).getProperties();
      return new StoredFile(
          path.toString(),
          properties.getBlobSize(),
          properties.getLastModified().toInstant(),
          state(properties.getETag()));
    } catch (RuntimeException e) {
      throw AzureErrors.translate(e, path);
    }
  }

  /** The state is the ETag: the service refuses the range of a file that has another one by now. */
  StoredRange read(AzurePath path, long offset, int length, @Nullable String state)
      throws IOException {
    byte[] bytes;
    String range;
    String etag;
    try {
      var response =
          blob(path)
              .downloadContentWithResponse(
                  new DownloadRetryOptions().setMaxRetryRequests(MAX_RESUMED),
                  new BlobRequestConditions().setIfMatch(state),
                  new BlobRange(offset, (long) length),
                  false,
                  null,
                  Context.NONE);
      bytes = response.getValue().toBytes();
      range = response.getDeserializedHeaders().getContentRange();
      etag = response.getDeserializedHeaders().getETag();
    } catch (RuntimeException e) {
      if (AzureErrors.isBeyondEnd(e)) {
        return new StoredRange(new byte[0], stateBeyondEnd(path, state));
      }
      throw AzureErrors.translate(e, path);
    }
    checkRange(path, range, offset, length, bytes.length);
    return new StoredRange(bytes, state(etag));
  }

  /** The ETag in quotes, as headers have it and conditions want it; listings tell it without. */
  private static @Nullable String state(@Nullable String etag) {
    return etag == null || etag.startsWith("\"") || etag.startsWith("W/") ? etag : '"' + etag + '"';
  }

  /** The end may be nearer than it was because the file was written again. */
  private @Nullable String stateBeyondEnd(AzurePath path, @Nullable String state)
      throws IOException {
    if (state == null) {
      return null;
    }
    try {
      return state(
          blob(path)
              .getPropertiesWithResponse(
                  new BlobRequestConditions().setIfMatch(state), null, Context.NONE)
              .getValue()
              .getETag());
    } catch (RuntimeException e) {
      throw AzureErrors.translate(e, path);
    }
  }

  /** What comes must be what was asked for, whatever a proxy on the way thinks of ranges. */
  private static void checkRange(
      AzurePath path, @Nullable String range, long offset, int length, int found)
      throws IOException {
    Matcher answer = CONTENT_RANGE.matcher(range == null ? "" : range);
    if (answer.matches()
        && Long.parseLong(answer.group(1)) == offset
        && found == Math.min(length, Long.parseLong(answer.group(3)) - offset)) {
      return;
    }
    throw new IOException(
        path.host()
            + " answered with "
            + found
            + " bytes and the range \""
            + range
            + "\" where "
            + length
            + " bytes from "
            + offset
            + " on were asked for");
  }

  Iterator<StoredFile> listFrom(AzurePath from) throws IOException {
    if (!beginsAnywhere && VersionBlocks.canNarrow(from.name())) {
      return new VersionBlocks(from, prefix -> all(from, prefix)).files();
    }
    return new Listing(from, from.folder(), beginsAnywhere ? from.path() : null);
  }

  private List<StoredFile> all(AzurePath from, String prefix) {
    List<StoredFile> files = new ArrayList<>();
    new Listing(from, prefix, null).forEachRemaining(files::add);
    return files;
  }

  /** The pages of a listing, each asked for when it is wanted. */
  private final class Listing implements Iterator<StoredFile> {
    private final AzurePath from;
    private final String prefix;
    private final @Nullable String begin;
    private @Nullable Iterator<PagedResponse<BlobItem>> pages;
    private Iterator<StoredFile> page = Collections.emptyIterator();

    Listing(AzurePath from, String prefix, @Nullable String begin) {
      this.from = from;
      this.prefix = prefix;
      this.begin = begin;
    }

    /** Asks for the first page at once. */
    private Iterator<PagedResponse<BlobItem>> pages(@Nullable String at) {
      ListBlobsOptions options = new ListBlobsOptions().setPrefix(prefix);
      if (at != null && !at.isEmpty()) {
        options.setStartFrom(at);
      }
      return client
          .getBlobContainerClient(from.container())
          .listBlobsByHierarchy("/", options, null)
          .iterableByPage()
          .iterator();
    }

    @Override
    public boolean hasNext() {
      while (!page.hasNext()) {
        List<StoredFile> files = nextPage();
        if (files == null) {
          return false;
        }
        page = files.iterator();
      }
      return true;
    }

    private @Nullable List<StoredFile> nextPage() {
      try {
        if (pages == null) {
          pages = firstPages();
        }
        return pages.hasNext() ? files(pages.next().getValue()) : null;
      } catch (RuntimeException e) {
        throw new java.io.UncheckedIOException(AzureErrors.translate(e, from));
      }
    }

    private Iterator<PagedResponse<BlobItem>> firstPages() {
      try {
        Iterator<PagedResponse<BlobItem>> found = pages(begin);
        // Whichever of the two asks the service.
        return found.hasNext() ? found : Collections.emptyIterator();
      } catch (RuntimeException e) {
        if (begin == null || !AzureErrors.isUnknownParameter(e)) {
          throw e;
        }
        beginsAnywhere = false;
        return pages(null);
      }
    }

    /** A page has the files first, and then the folders. */
    private List<StoredFile> files(List<BlobItem> items) {
      List<StoredFile> files = new ArrayList<>(items.size());
      for (BlobItem item : items) {
        String name = item.getName();
        boolean folder = Boolean.TRUE.equals(item.isPrefix());
        String path = folder && name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        if (Utf8Order.compare(path, from.path()) >= 0) {
          files.add(stored(path, folder, item));
        } else if (!folder) {
          beginsAnywhere = false;
        }
      }
      files.sort(BY_PATH);
      return files;
    }

    private StoredFile stored(String path, boolean folder, BlobItem item) {
      String uri = from.withPath(path).toString();
      return folder
          ? new StoredFile(uri, 0, Instant.EPOCH)
          : new StoredFile(
              uri,
              item.getProperties().getContentLength(),
              item.getProperties().getLastModified().toInstant(),
              state(item.getProperties().getETag()));
    }

    @Override
    public StoredFile next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      return page.next();
    }
  }

  /** Names are sorted by their bytes. */
  static final class Utf8Order {
    private Utf8Order() {}

    static int compare(String one, String other) {
      return Arrays.compareUnsigned(
          one.getBytes(java.nio.charset.StandardCharsets.UTF_8),
          other.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }
}
