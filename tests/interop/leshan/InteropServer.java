// SPDX-License-Identifier: BSD-3-Clause
//
// Leshan's server libraries on a remote control: a JSON object per line on standard input is a
// request, a line with its "id" on standard output the answer; lines with "event" tell what clients
// do. Ends when standard input does. The first argument is a directory of OMA object definitions, a
// second one has server.key (PKCS#8), server.crt and ca.crt (DER): then certificates and raw public
// keys work, too.
//
// The text is that of the newest release. leshan.py makes from it the one for M15, which speaks
// OSCORE: packages have other names, "//M15" opens lines, and "// not M15" ends those that go.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
//M15 import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
//M15 import org.eclipse.californium.core.coap.Option;
//M15 import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.lwm2m.attributes.DefaultLwM2mAttributeParser;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mRoot;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
//M15 import org.eclipse.leshan.core.oscore.OscoreSetting;
import org.eclipse.leshan.core.request.CancelObservationRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkDeviceManagementRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadCompositeRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteCompositeRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.response.CreateResponse;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.core.response.ReadCompositeResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.util.datatype.ULong;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.queue.PresenceListener;
import org.eclipse.leshan.server.registration.InMemoryRegistrationStore;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.servers.security.InMemorySecurityStore;
import org.eclipse.leshan.servers.security.SecurityInfo;
import org.eclipse.leshan.transport.californium.server.endpoint.CaliforniumServerEndpoint;
import org.eclipse.leshan.transport.californium.server.endpoint.CaliforniumServerEndpointsProvider;
//M15 import org.eclipse.leshan.server.californium.endpoint.coap.CoapOscoreServerEndpointFactory;
import org.eclipse.leshan.transport.californium.server.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.transport.californium.server.endpoint.coaps.CoapsServerProtocolProvider;

public class InteropServer
	implements RegistrationListener, ObservationListener, PresenceListener {
	private static final long TIMEOUT_MS = 360000; // 20 MiB in blocks, on a busy machine
	//M15 private static final int ECHO = 252;
	private final ObjectMapper mapper = new ObjectMapper();
	private final LwM2mModel model;
	private final LeshanServer server;
	private final InMemorySecurityStore security = new InMemorySecurityStore();
	private volatile int awakeMs = 93000; // of clients in queue mode

	private InteropServer(File definitions, InetAddress host, Path credentials) throws Exception {
		model = new StaticModel(ObjectLoader.loadObjectsFromDir(definitions, true));
		CaliforniumServerEndpointsProvider.Builder endpoints =
			new CaliforniumServerEndpointsProvider.Builder(
				new CoapServerProtocolProvider(), new CoapsServerProtocolProvider());
		CoapConfig.register();
		Configuration conf = endpoints.createDefaultConfiguration();
		conf.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
		conf.set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.SERVER_ONLY);
		endpoints.setConfiguration(conf);
		endpoints.addEndpoint(new InetSocketAddress(host, 0), Protocol.COAP); // not M15
		//M15 endpoints.addEndpoint(new CoapOscoreServerEndpointFactory(
		//M15	URI.create("coap://" + host.getHostAddress() + ":0")));
		endpoints.addEndpoint(new InetSocketAddress(host, 0), Protocol.COAPS);
		LeshanServerBuilder builder = new LeshanServerBuilder();
		if (credentials != null)
			certify(builder, credentials);
		server = builder
				 .setEndpointsProviders(endpoints.build())
				 .setSecurityStore(security)
				 .setRegistrationStore(new InMemoryRegistrationStore(1))
				 .setObjectModelProvider(registration -> model)
				 .setClientAwakeTimeProvider(registration -> awakeMs)
				 .build();
		server.getRegistrationService().addListener(this);
		server.getObservationService().addListener(this);
		server.getPresenceService().addListener(this);
	}

	private static void certify(LeshanServerBuilder builder, Path dir) throws Exception {
		CertificateFactory factory = CertificateFactory.getInstance("X.509");
		X509Certificate[] own = new X509Certificate[1];
		try (var in = Files.newInputStream(dir.resolve("server.crt"))) {
			own[0] = (X509Certificate) factory.generateCertificate(in);
		}
		try (var in = Files.newInputStream(dir.resolve("ca.crt"))) {
			builder.setTrustedCertificates(
				new Certificate[] { factory.generateCertificate(in) });
		}
		builder.setCertificateChain(own);
		builder.setPrivateKey(KeyFactory.getInstance("EC").generatePrivate(
			new PKCS8EncodedKeySpec(Files.readAllBytes(dir.resolve("server.key")))));
	}

	private int port(Protocol protocol) {
		return ((CaliforniumServerEndpoint) server.getEndpoint(protocol))
			.getCoapEndpoint().getAddress().getPort();
	}

	// Who may come with which key, raw public key (DER), keys of OSCORE, or with a certificate of
	// that name.
	private void admit(JsonNode request) throws Exception {
		String endpoint = request.path("endpoint").asText();
		if (request.has("key"))
			security.add(SecurityInfo.newPreSharedKeyInfo(endpoint,
				request.get("identity").asText(),
				HexFormat.of().parseHex(request.get("key").asText())));
		else if (request.has("public"))
			security.add(SecurityInfo.newRawPublicKeyInfo(endpoint,
				KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(
					slurp(request.get("public").asText())))));
		//M15 else if (request.has("secret"))
		//M15	security.add(SecurityInfo.newOscoreInfo(endpoint, new OscoreSetting(
		//M15		bytes(request, "sender"), bytes(request, "recipient"),
		//M15		bytes(request, "secret"), 10, -10, bytes(request, "salt"))));
		else
			security.add(SecurityInfo.newX509CertInfo(endpoint));
	}

	private static byte[] bytes(JsonNode request, String name) {
		return HexFormat.of().parseHex(request.path(name).asText());
	}

	public static void main(String[] args) throws Exception {
		Configuration.createStandardWithoutFile();
		InteropServer self = new InteropServer(
			new File(args[0]), InetAddress.getByName(args[1]),
			args.length > 2 ? Path.of(args[2]) : null);
		self.server.start();
		ObjectNode ready = self.mapper.createObjectNode();
		ready.put("event", "ready");
		ready.put("port", self.port(Protocol.COAP));
		ready.put("secure", self.port(Protocol.COAPS));
		self.say(ready);
		BufferedReader in = new BufferedReader(
			new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line; (line = in.readLine()) != null;)
			self.serve(self.mapper.readTree(line));
		self.server.destroy();
		System.exit(0);
	}

	private synchronized void say(ObjectNode line) {
		System.out.println(line.toString());
		System.out.flush();
	}

	// --- requests ---------------------------------------------------------------------------

	private void serve(JsonNode request) {
		ObjectNode answer = mapper.createObjectNode();
		answer.set("id", request.get("id"));
		try {
			run(request, answer);
		} catch (Exception e) {
			answer.put("error", e.toString());
		}
		say(answer);
	}

	private void run(JsonNode request, ObjectNode answer) throws Exception {
		if (request.get("do").asText().equals("admit")) {
			admit(request);
			return;
		}
		if (request.get("do").asText().equals("awake")) {
			awakeMs = request.get("ms").asInt();
			return;
		}
		if (request.get("do").asText().equals("dismiss")) {
			security.remove(request.get("endpoint").asText(), true);
			return;
		}
		String path = request.path("path").asText();
		ContentFormat format = request.has("format")
			? ContentFormat.fromCode(request.get("format").asInt()) : null;
		Registration to = server.getRegistrationService().getByEndpoint(
			request.path("endpoint").asText());
		if (to == null)
			throw new IllegalStateException("not registered");
		switch (request.get("do").asText()) {
		case "read" -> send(to, new ReadRequest(format, path), path, answer);
		case "observe" -> send(to, new ObserveRequest(format, path), path, answer);
		case "discover" -> send(to, new DiscoverRequest(path), path, answer);
		case "execute" -> send(to, request.has("arguments")
			? new ExecuteRequest(path, request.get("arguments").asText())
			: new ExecuteRequest(path), path, answer);
		case "write" -> send(to, new WriteRequest(
			request.path("replace").asBoolean(true) ? WriteRequest.Mode.REPLACE
								 : WriteRequest.Mode.UPDATE,
			format, new LwM2mPath(path), node(new LwM2mPath(path), request.get("value"))),
			path, answer);
		case "attributes" -> send(to, new WriteAttributesRequest(path, new LwM2mAttributeSet(
			new DefaultLwM2mAttributeParser().parseUriQuery(
				request.get("query").asText()))), path, answer);
		case "create" -> send(to, create(format, path, request), path, answer);
		case "read-composite" -> send(to, new ReadCompositeRequest(
			ContentFormat.fromCode(request.get("list").asInt()), format,
			mapper.convertValue(request.get("paths"), String[].class)), path, answer);
		case "write-composite" -> send(to, new WriteCompositeRequest(
			format, nodes(request.get("value")), null), path, answer);
		case "delete" -> send(to, new DeleteRequest(path), path, answer);
		case "cancel" -> cancel(to, path, request.path("passive").asBoolean(), answer);
		case "forget" -> server.getRegistrationStore().removeRegistration(to.getId());
		default -> throw new IllegalArgumentException("unknown request");
		}
	}

	// An instance whose id the client chooses, or the one that the request names.
	private CreateRequest create(ContentFormat format, String path, JsonNode request) {
		int object = new LwM2mPath(path).getObjectId();
		LwM2mObjectInstance instance = (LwM2mObjectInstance) node(
			new LwM2mPath(object, request.path("instance").asInt(1)), request.get("value"));
		return request.has("instance") ? new CreateRequest(format, object, instance)
			: new CreateRequest(format, object, instance.getResources().values());
	}

	private <T extends LwM2mResponse> void send(Registration to,
		DownlinkDeviceManagementRequest<T> request, String path, ObjectNode answer)
		throws InterruptedException {
		LwM2mResponse response = server.send(to, request, TIMEOUT_MS);
		//M15 response = fresh(to, request, response);
		if (response == null)
			throw new IllegalStateException("no answer in time");
		answer.put("code", "%d.%02d".formatted(
			response.getCode().getCode() / 100, response.getCode().getCode() % 100));
		if (response.getErrorMessage() != null)
			answer.put("message", response.getErrorMessage());
		if (response.getCoapResponse() instanceof org.eclipse.californium.core.coap.Response r) {
			answer.put("format", r.getOptions().getContentFormat());
			answer.put("size", r.getPayloadSize());
		}
		if (response.isSuccess() && response instanceof ReadResponse read)
			answer.set("values", values(new LwM2mPath(path), read.getContent()));
		if (response.isSuccess() && response instanceof ReadCompositeResponse read)
			answer.set("values", values(read.getContent()));
		if (response.isSuccess() && response instanceof CreateResponse create)
			answer.put("location", create.getLocation());
		if (response.isSuccess() && response instanceof DiscoverResponse discover)
			answer.set("links", links(discover.getObjectLinks()));
	}

	// M15 knows no Echo (RFC 9175), so that its application has to: the request again with it.
	//M15 private <T extends LwM2mResponse> LwM2mResponse fresh(Registration to,
	//M15	DownlinkRequest<T> request, LwM2mResponse response) throws InterruptedException {
	//M15	if (response == null || !(response.getCoapResponse()
	//M15		instanceof org.eclipse.californium.core.coap.Response r))
	//M15		return response;
	//M15	for (Option o : r.getOptions().getOthers())
	//M15		if (o.getNumber() == ECHO)
	//M15			return server.send(to, request, again -> ((Request) again)
	//M15				.getOptions().addOption(o), TIMEOUT_MS);
	//M15	return response;
	//M15 }

	private void cancel(Registration to, String path, boolean passive, ObjectNode answer)
		throws InterruptedException {
		for (Observation o : server.getObservationService().getObservations(to)) {
			if (!(o instanceof SingleObservation single)
				|| !single.getPath().equals(new LwM2mPath(path)))
				continue;
			if (passive)
				server.getObservationService().cancelObservation(o);
			else
				send(to, new CancelObservationRequest(single), path, answer);
			return;
		}
		throw new IllegalStateException("no such observation");
	}

	// --- values -----------------------------------------------------------------------------

	private ResourceModel.Type type(int object, int resource) {
		ResourceModel m = model.getResourceModel(object, resource);
		return m == null ? ResourceModel.Type.STRING : m.type;
	}

	private static Object typed(JsonNode v, ResourceModel.Type type) {
		return switch (type) {
		case INTEGER -> v.asLong();
		case UNSIGNED_INTEGER -> ULong.valueOf(v.asLong());
		case FLOAT -> v.asDouble();
		case BOOLEAN -> v.asBoolean();
		case TIME -> new Date(v.asLong() * 1000);
		case OPAQUE -> v.asText().startsWith("file:") ? slurp(v.asText().substring(5))
			: HexFormat.of().parseHex(v.asText());
		default -> v.asText();
		};
	}

	private static byte[] slurp(String path) {
		try {
			return Files.readAllBytes(Path.of(path));
		} catch (java.io.IOException e) {
			throw new IllegalArgumentException(e);
		}
	}

	// A resource; one with instances is an object of values by instance id.
	private LwM2mResource resource(int object, int id, JsonNode v) {
		ResourceModel.Type type = type(object, id);
		if (!v.isObject())
			return LwM2mSingleResource.newResource(id, typed(v, type), type);
		Map<Integer, Object> values = new TreeMap<>();
		v.fields().forEachRemaining(
			e -> values.put(Integer.parseInt(e.getKey()), typed(e.getValue(), type)));
		return LwM2mMultipleResource.newResource(id, values, type);
	}

	// What to write at a path: a value, or for an instance an object of values by resource id.
	private LwM2mNode node(LwM2mPath path, JsonNode v) {
		if (path.isResourceInstance())
			return LwM2mResourceInstance.newInstance(path.getResourceInstanceId(),
				typed(v, type(path.getObjectId(), path.getResourceId())),
				type(path.getObjectId(), path.getResourceId()));
		if (path.isResource())
			return resource(path.getObjectId(), path.getResourceId(), v);
		List<LwM2mResource> resources = new ArrayList<>();
		v.fields().forEachRemaining(e -> resources.add(
			resource(path.getObjectId(), Integer.parseInt(e.getKey()), e.getValue())));
		return new LwM2mObjectInstance(path.getObjectInstanceId(), resources);
	}

	private void add(ObjectNode out, String path, Object v) {
		if (v instanceof byte[] bytes)
			out.put(path, HexFormat.of().formatHex(bytes));
		else if (v instanceof Date date)
			out.put(path, date.getTime() / 1000);
		else if (v instanceof Link[] l)
			out.set(path, links(l));
		else
			out.set(path, mapper.valueToTree(v instanceof Number || v instanceof Boolean
				? v : String.valueOf(v)));
	}

	private Map<LwM2mPath, LwM2mNode> nodes(JsonNode v) {
		Map<LwM2mPath, LwM2mNode> nodes = new HashMap<>();
		v.fields().forEachRemaining(e -> nodes.put(new LwM2mPath(e.getKey()),
			node(new LwM2mPath(e.getKey()), e.getValue())));
		return nodes;
	}

	private ObjectNode values(LwM2mPath path, LwM2mNode node) {
		ObjectNode out = mapper.createObjectNode();
		collect(out, path.toString(), node);
		return out;
	}

	private ObjectNode values(Map<LwM2mPath, LwM2mNode> nodes) {
		ObjectNode out = mapper.createObjectNode();
		nodes.forEach((path, node) -> {
			if (node != null)
				collect(out, path.toString(), node);
		});
		return out;
	}

	private void collect(ObjectNode out, String path, LwM2mNode node) {
		if (node instanceof LwM2mRoot root)
			root.getObjects().forEach((id, o) -> collect(out, "/" + id, o));
		else if (node instanceof LwM2mObject object)
			object.getInstances().forEach((id, i) -> collect(out, path + "/" + id, i));
		else if (node instanceof LwM2mObjectInstance instance)
			instance.getResources().forEach((id, r) -> collect(out, path + "/" + id, r));
		else if (node instanceof LwM2mMultipleResource multiple)
			multiple.getInstances().forEach((id, i) -> add(out, path + "/" + id, i.getValue()));
		else if (node instanceof LwM2mSingleResource single)
			add(out, path, single.getValue());
		else if (node instanceof LwM2mResourceInstance one)
			add(out, path, one.getValue());
	}

	private ObjectNode links(Link[] links) {
		ObjectNode out = mapper.createObjectNode();
		for (Link link : links) {
			ObjectNode attributes = out.putObject(link.getUriReference());
			link.getAttributes().forEach(a -> attributes.put(a.getName(),
				a.getValue() == null ? "" : String.valueOf(a.getValue())));
		}
		return out;
	}

	// --- events -----------------------------------------------------------------------------

	private ObjectNode event(String name, Registration r) {
		ObjectNode line = mapper.createObjectNode();
		line.put("event", name);
		line.put("endpoint", r.getEndpoint());
		return line;
	}

	private ObjectNode details(String name, Registration r) {
		ObjectNode line = event(name, r);
		line.put("lifetime", r.getLifeTimeInSec());
		line.put("version", r.getLwM2mVersion().toString());
		line.put("binding", String.valueOf(r.getBindingMode()));
		line.put("queue", r.usesQueueMode());
		line.put("address", r.getAddress().getHostAddress());
		line.set("links", links(r.getObjectLinks()));
		return line;
	}

	@Override
	public void onAwake(Registration r) {
		say(event("awake", r));
	}

	@Override
	public void onSleeping(Registration r) {
		say(event("sleeping", r));
	}

	@Override
	public void registered(Registration r, Registration previous, Collection<Observation> old) {
		say(details("registered", r));
	}

	@Override
	public void updated(RegistrationUpdate update, Registration r, Registration previous) {
		ObjectNode line = details("updated", r);
		line.put("with_lifetime", update.getLifeTimeInSec() != null);
		line.put("with_links", update.getObjectLinks() != null);
		say(line);
	}

	@Override
	public void unregistered(Registration r, Collection<Observation> o, boolean expired,
		Registration next) {
		ObjectNode line = event("unregistered", r);
		line.put("expired", expired);
		say(line);
	}

	@Override
	public void newObservation(Observation o, Registration r) {
	}

	@Override
	public void cancelled(Observation o) {
	}

	@Override
	public void onResponse(SingleObservation o, Registration r, ObserveResponse response) {
		ObjectNode line = event("notified", r);
		line.put("path", o.getPath().toString());
		if (response.isSuccess())
			line.set("values", values(o.getPath(), response.getContent()));
		else
			line.put("code", response.getCode().toString());
		say(line);
	}

	@Override
	public void onResponse(CompositeObservation o, Registration r,
		ObserveCompositeResponse response) {
		ObjectNode line = event("notified", r);
		if (response.isSuccess())
			line.set("values", values(response.getContent()));
		say(line);
	}

	@Override
	public void onError(Observation o, Registration r, Exception e) {
		ObjectNode line = event("failed", r);
		line.put("error", String.valueOf(e));
		say(line);
	}
}
