package io.mtdagent.android;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import android.content.Context;
import android.os.Build;
import io.mtdagent.MtdException;
import io.mtdagent.MtdKeyStore.Protection;
import io.mtdagent.MtdKeyStore.PublicHalf;
import io.mtdagent.MtdKeyStore.Slot;
import io.mtdagent.Inside;
import java.io.File;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** D4 on every Android: what is kept where, and which failure means that a key is lost. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = Config.ALL_SDKS)
public class AndroidKeysTest {
    private static final int API = Build.VERSION.SDK_INT;
    private static final byte[] MESSAGE = "to be signed".getBytes();

    @Rule
    public final TemporaryFolder temporary = new TemporaryFolder();

    private Context context;
    private File folder;
    private FakeAndroidKeyStore store;
    private AndroidKeys keys;

    @Before
    public void boot() {
        context = RuntimeEnvironment.getApplication();
        folder = new File(temporary.getRoot(), "keys");
        store = FakeAndroidKeyStore.install();
        keys = new AndroidKeys(context, folder);
    }

    @After
    public void shutDown() {
        FakeAndroidKeyStore.remove();
    }

    @Test
    public void aKeySignsAndOutlivesTheProcess() throws Exception {
        assertNull(keys.find(Slot.A));
        PublicHalf made = keys.make(Slot.A);
        AndroidKeys next = new AndroidKeys(context, folder);
        PublicHalf found = next.find(Slot.A);
        assertArrayEquals(Inside.spki(made), Inside.spki(found));
        assertEquals(Inside.protection(made), Inside.protection(found));
        verifies(found, next.sign(Slot.A, MESSAGE));
    }

    @Test
    public void eachSlotHasItsKey() throws Exception {
        PublicHalf a = keys.make(Slot.A);
        PublicHalf b = keys.make(Slot.B);
        assertFalse(Arrays.equals(Inside.spki(a), Inside.spki(b)));
        verifies(a, keys.sign(Slot.A, MESSAGE));
        keys.destroy(Slot.A);
        keys.destroy(Slot.A);
        assertNull(keys.find(Slot.A));
        verifies(b, keys.sign(Slot.B, MESSAGE));
        PublicHalf again = keys.make(Slot.B);
        assertFalse(Arrays.equals(Inside.spki(again), Inside.spki(b)));
        verifies(again, keys.sign(Slot.B, MESSAGE));
        throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
    }

    @Test
    public void protectionIsWhatTheSystemSays() throws Exception {
        Protection best = Inside.protection(keys.make(Slot.A));
        store.hardware = false;
        Protection software = Inside.protection(keys.make(Slot.A));
        if (API >= 23) {
            assertEquals(Protection.SECURE_HARDWARE, best);
            assertEquals(Protection.SYSTEM, software);
        } else {
            assertEquals(API >= 18 ? Protection.SYSTEM : Protection.SANDBOX, best);
            assertEquals(best, software);
        }
    }

    @Test
    public void strongBoxAndAttestationAreUsedWhereTheyAre() throws Exception {
        for (boolean strongBox : new boolean[] {true, false}) {
            for (boolean attests : new boolean[] {true, false}) {
                store.strongBox = strongBox;
                store.attests = attests;
                verifies(keys.make(Slot.A), keys.sign(Slot.A, MESSAGE));
                List<byte[]> chain = keys.attestation(Slot.A);
                if (API < 23) {
                    assertTrue(chain.isEmpty());
                    continue;
                }
                assertEquals(strongBox && API >= 28, store.entries.get("io.mtdagent.A").strongBox);
                assertEquals(attests && API >= 24 ? 2 : 1, chain.size());
                assertEquals(attests && API >= 24 ? 32 : 0, chain.get(0).length);
            }
        }
    }

    // R1
    @Test
    public void noSecretLiesOpenWhereTheSystemHasAStore() throws Exception {
        keys.make(Slot.A);
        byte[] data = keys.dataKey();
        assertEquals(32, data.length);
        assertArrayEquals(data, new AndroidKeys(context, folder).dataKey());
        byte[] record = Files.readAllBytes(new File(folder, "data").toPath());
        assertEquals(API < 18, contains(record, data));
        byte[] slot = Files.readAllBytes(new File(folder, "A").toPath());
        // A private key in PKCS#8 names its kind.
        assertEquals(API < 18 ? 2 : 1, count(slot, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1}));
        assertEquals(API < 18, store.entries.isEmpty());
    }

    @Test
    public void aNewDataKeyIsAnotherOne() throws Exception {
        byte[] first = keys.dataKey();
        keys.destroyDataKey();
        keys.destroyDataKey();
        assertFalse(Arrays.equals(first, keys.dataKey()));
    }

    @Test
    public void aLostKeyIsGone() throws Exception {
        org.junit.Assume.assumeTrue(API >= 18);
        keys.make(Slot.A);
        keys.dataKey();
        store.lose("io.mtdagent.A");
        store.lose("io.mtdagent.data");
        throwsCode(203, () -> keys.find(Slot.A));
        throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
        throwsCode(203, () -> keys.dataKey());
        assertFalse("the key of the proof is gone", store.entries.containsKey("io.mtdagent.probe"));
        verifies(keys.make(Slot.A), keys.sign(Slot.A, MESSAGE));
        keys.destroyDataKey();
        assertEquals(32, keys.dataKey().length);
    }

    @Test
    public void aDamagedKeyIsGoneIfTheStoreWorks() throws Exception {
        org.junit.Assume.assumeTrue(API >= 18);
        PublicHalf key = keys.make(Slot.A);
        store.damage("io.mtdagent.A");
        throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
        store.mood = FakeAndroidKeyStore.Mood.FULL;
        throwsCode(202, () -> keys.sign(Slot.A, MESSAGE));
        store.entries.get("io.mtdagent.A").harm = FakeAndroidKeyStore.Harm.NONE;
        verifies(key, keys.sign(Slot.A, MESSAGE));
    }

    @Test
    public void aBusyStoreHasLostNothing() throws Exception {
        org.junit.Assume.assumeTrue(API >= 18);
        PublicHalf key = keys.make(Slot.A);
        byte[] data = keys.dataKey();
        store.mood = FakeAndroidKeyStore.Mood.BUSY;
        throwsCode(202, () -> keys.find(Slot.A));
        throwsCode(202, () -> keys.sign(Slot.A, MESSAGE));
        throwsCode(202, () -> keys.dataKey());
        throwsCode(202, () -> keys.make(Slot.B));
        store.mood = FakeAndroidKeyStore.Mood.WELL;
        verifies(key, keys.sign(Slot.A, MESSAGE));
        assertArrayEquals(data, keys.dataKey());
        assertNull("what was not made is not there", keys.find(Slot.B));
    }

    @Test
    public void whatTheStoreNamesIsBelieved() throws Exception {
        org.junit.Assume.assumeTrue(API >= 23);
        keys.make(Slot.A);
        store.invalidate("io.mtdagent.A");
        throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
        store.withhold("io.mtdagent.A");
        throwsCode(201, () -> keys.sign(Slot.A, MESSAGE));
        if (API >= 33) {
            store.forgetInside("io.mtdagent.A");
            // The store makes no other key: its word alone decides.
            store.mood = FakeAndroidKeyStore.Mood.FULL;
            throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
        }
    }

    @Test
    public void aRecordThatIsNoneIsALostKey() throws Exception {
        for (byte[] wrong : new byte[][] {{}, {1}, {2, 0, 0, 0, 0, 0, 0}, {1, 9, 0, 0, 0, 0, 0}, {1, 0, 9, 0, 0, 0, 0},
                {1, 0, 0, 0, 0, 0, 0, 7}, {1, 0, 0, 0, 9, 0, 0}}) {
            keys.make(Slot.A);
            Files.write(new File(folder, "A").toPath(), wrong);
            throwsCode(203, () -> keys.find(Slot.A));
            throwsCode(203, () -> keys.sign(Slot.A, MESSAGE));
        }
        keys.destroy(Slot.A);
        assertNull(keys.find(Slot.A));
    }

    @Test
    public void aKeyMadeBeforeTheUpgradeStays() throws Exception {
        org.junit.Assume.assumeTrue(API >= 18);
        // What this Android would write if it were the one before: sealed under RSA, or nothing.
        SoftKey plain = softKey();
        new SafeFile(folder, "A").write(
                new KeyRecord(KeyRecord.Kept.PLAIN, Protection.SANDBOX, plain.spki, plain.secret).write());
        SoftKey sealed = softKey();
        new SafeFile(folder, "B").write(new KeyRecord(KeyRecord.Kept.UNDER_RSA, Protection.SYSTEM, sealed.spki,
                new RsaSealerApi18(context).seal("io.mtdagent.B", sealed.secret)).write());
        assertEquals(Protection.SANDBOX, Inside.protection(keys.find(Slot.A)));
        verifies(keys.find(Slot.A), keys.sign(Slot.A, MESSAGE));
        assertEquals(Protection.SYSTEM, Inside.protection(keys.find(Slot.B)));
        verifies(keys.find(Slot.B), keys.sign(Slot.B, MESSAGE));
    }

    @Test
    public void aKeyIsMadeInTheDigitsOfAnyLanguage() throws Exception {
        Locale before = Locale.getDefault();
        Locale arabic = new Locale("ar", "EG");
        Locale.setDefault(arabic);
        try {
            verifies(keys.make(Slot.A), keys.sign(Slot.A, MESSAGE));
            assertEquals(arabic, Locale.getDefault());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    public void aKillWhileWritingLeavesTheRecordBefore() throws Exception {
        PublicHalf key = keys.make(Slot.A);
        Files.write(new File(folder, "A.new").toPath(), new byte[] {1, 0});
        verifies(key, keys.sign(Slot.A, MESSAGE));
        assertNotNull(keys.find(Slot.A));
        keys.destroy(Slot.A);
        assertEquals(0, folder.list().length);
    }

    /** Bouncy Castle is what Android below 23 has; tests have it everywhere. */
    private static SoftKey softKey() throws Exception {
        return SoftKey.make();
    }

    private static void verifies(PublicHalf key, byte[] signed) throws Exception {
        assertEquals(91, Inside.spki(key).length);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initVerify(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(Inside.spki(key))));
        signature.update(MESSAGE);
        assertTrue(signature.verify(signed));
    }

    private static boolean contains(byte[] all, byte[] part) {
        return count(all, part) > 0;
    }

    private static int count(byte[] all, byte[] part) {
        int found = 0;
        for (int i = 0; i + part.length <= all.length; i++) {
            found += Arrays.equals(Arrays.copyOfRange(all, i, i + part.length), part) ? 1 : 0;
        }
        return found;
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void throwsCode(int code, Call call) throws Exception {
        try {
            call.run();
        } catch (MtdException told) {
            assertEquals(code, told.code());
            return;
        }
        fail("did not throw " + code);
    }
}
