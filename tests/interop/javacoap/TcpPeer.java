// SPDX-License-Identifier: BSD-3-Clause
//
// java-coap as an LwM2M server over TCP, or over TLS when there is an argument: a PKCS#12 file
// (password "secret") with its key and certificate, and a second one with the authority of its
// clients. Lines on standard input are requests: METHOD PATH FORMAT [HEX], FORMAT - for none, or
// CLOSE; lines on standard output tell the port, registrations, answers and notifications. Ends when
// standard input does.

import com.mbed.coap.packet.BlockSize;
import com.mbed.coap.packet.Code;
import com.mbed.coap.packet.CoapPacket;
import com.mbed.coap.packet.CoapRequest;
import com.mbed.coap.packet.CoapResponse;
import com.mbed.coap.packet.CoapTcpPacketSerializer;
import com.mbed.coap.packet.Method;
import com.mbed.coap.packet.Opaque;
import com.mbed.coap.server.CoapServer;
import com.mbed.coap.server.RouterService;
import com.mbed.coap.server.TcpCoapServer;
import com.mbed.coap.server.observe.HashMapObservationsStore;
import com.mbed.coap.transport.CoapTcpListener;
import com.mbed.coap.transport.CoapTcpTransport;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

public class TcpPeer {
    /** The library brings a transport of a client only. */
    static class Accepting implements CoapTcpTransport {
        final ServerSocket listening;
        final Map<InetSocketAddress, Socket> sockets = new ConcurrentHashMap<>();
        final LinkedBlockingQueue<CoapPacket> received = new LinkedBlockingQueue<>();
        CoapTcpListener listener;

        Accepting(ServerSocket listening) {
            this.listening = listening;
        }

        @Override
        public void setListener(CoapTcpListener listener) {
            this.listener = listener;
        }

        @Override
        public void start() {
            Thread t = new Thread(() -> {
                while (true) {
                    try {
                        Socket s = listening.accept();
                        Thread reader = new Thread(() -> read(s));
                        reader.setDaemon(true);
                        reader.start();
                    } catch (Exception e) {
                        return;
                    }
                }
            });
            t.setDaemon(true);
            t.start();
        }

        void read(Socket s) {
            InetSocketAddress peer = (InetSocketAddress) s.getRemoteSocketAddress();
            sockets.put(peer, s);
            try (s) {
                InputStream in = new BufferedInputStream(s.getInputStream());
                listener.onConnected(peer);
                while (true) {
                    received.put(CoapTcpPacketSerializer.deserialize(peer, in));
                }
            } catch (Exception e) {
                say("closed " + e.getMessage());
            }
            sockets.remove(peer);
            listener.onDisconnected(peer);
        }

        @Override
        public CompletableFuture<CoapPacket> receive() {
            return CompletableFuture.supplyAsync(() -> {
                try {
                    return received.take();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        @Override
        public CompletableFuture<Boolean> sendPacket(CoapPacket packet) {
            try {
                Socket s = sockets.get(packet.getRemoteAddress());
                byte[] bytes = CoapTcpPacketSerializer.serialize(packet);
                synchronized (s) {
                    s.getOutputStream().write(bytes);
                    s.getOutputStream().flush();
                }
                return CompletableFuture.completedFuture(true);
            } catch (Exception e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public InetSocketAddress getLocalSocketAddress() {
            return (InetSocketAddress) listening.getLocalSocketAddress();
        }

        @Override
        public void stop() {
            sockets.values().forEach(TcpPeer::drop);
        }
    }

    static void drop(Socket s) {
        try {
            s.close();
        } catch (Exception e) {
            say("error " + e);
        }
    }

    static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static KeyStore store(String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, "secret".toCharArray());
        }
        return store;
    }

    static ServerSocket listen(String[] args) throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        if (args.length == 0) {
            return new ServerSocket(0, 5, here);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store(args[0]), "secret".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store(args[1]));
        SSLContext context = SSLContext.getInstance("TLSv1.2");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket s = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(0, 5, here);
        s.setNeedClientAuth(true);
        return s;
    }

    static volatile InetSocketAddress client;

    static CompletableFuture<CoapResponse> register(CoapRequest r) {
        client = r.getPeerAddress();
        say("registered " + r.options().getUriQuery() + " " + r.getPayload().toUtf8String());
        return CompletableFuture.completedFuture(CoapResponse.of(Code.C201_CREATED)
            .withOptions(o -> o.locationPath("/rd/0")));
    }

    static CompletableFuture<CoapResponse> update(CoapRequest r) {
        client = r.getPeerAddress();
        say("updated " + r.options().getUriQuery());
        return CompletableFuture.completedFuture(CoapResponse.of(Code.C204_CHANGED));
    }

    static CompletableFuture<CoapResponse> leave(CoapRequest r) {
        say("left");
        return CompletableFuture.completedFuture(CoapResponse.of(Code.C202_DELETED));
    }

    static void ask(CoapServer server, String[] word) {
        boolean observe = word[0].equals("OBSERVE");
        CoapRequest.Builder r = CoapRequest.request(observe ? Method.GET : Method.valueOf(word[0]),
            word[1]).address(client);
        if (observe) {
            r.observe();
        }
        if (word.length > 3) {
            r.payload(Opaque.decodeHex(word[3]), Short.parseShort(word[2]));
        } else if (!word[2].equals("-")) {
            r.accept(Short.parseShort(word[2]));
        }
        server.clientService().apply(r.build()).whenComplete((a, e) -> say(e != null
            ? "failed " + e
            : "answer " + a.getCode().codeToString() + " " + a.getPayload().toHex(1 << 20)));
    }

    public static void main(String[] args) throws Exception {
        Accepting transport = new Accepting(listen(args));
        CoapServer server = TcpCoapServer.builder().transport(transport)
            .blockSize(BlockSize.S_1024_BERT).maxMessageSize(16384)
            .maxIncomingBlockTransferSize(1 << 20)
            .route(RouterService.builder().post("/rd", TcpPeer::register)
                .post("/rd/*", TcpPeer::update).delete("/rd/*", TcpPeer::leave))
            .observationsStore(new HashMapObservationsStore())
            .notificationsReceiver((path, n) -> {
                say("notified " + path + " " + n.getPayload().toHex(1 << 20));
                return true;
            })
            .build().start();
        say("port " + transport.getLocalSocketAddress().getPort());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("CLOSE")) {
                transport.stop();
            } else {
                ask(server, line.split(" "));
            }
        }
        System.exit(0);
    }
}
