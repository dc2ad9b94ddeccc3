// The words the rules are written in: parsers of one token, lists, and `build`, which makes a node of the tree.
//
// Spirit's own attribute rules are a puzzle (a sequence of one element is that element, a literal has no attribute, two containers
// merge), so nothing here looks like a container or an optional to Spirit: lists are `Many`, options std::optional, and every node
// is made by a function that receives its parts in order.
#pragma once
#include <array>
#include <boost/fusion/include/at_c.hpp>
#include <boost/fusion/include/deque.hpp>
#include <boost/spirit/home/x3/auxiliary/eps.hpp>
#include <boost/spirit/home/x3/core.hpp>
#include <boost/spirit/home/x3/nonterminal.hpp>
#include <boost/spirit/home/x3/operator.hpp>
#include <boost/variant/variant.hpp>
#include <optional>
#include <utility>

#include "dsl/text/ast.h"
#include "dsl/text/grammar/state.h"

namespace dlc::text::grammar {

namespace x3 = boost::spirit::x3;

struct ParseStateTag;
using Context = x3::context<ParseStateTag, ParseState, x3::unused_type>;

template <class T>
struct Many {
    std::vector<T> items;
};

// ------------------------------------------------------------------ one token

/// A token by its text, without attribute.
struct Literal : x3::parser<Literal> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;
    Token::Kind kind;
    std::string_view text;
    bool glued = false;  // only right behind the token before
    bool quiet = false;  // not worth a mention in "expected …"

    constexpr Literal(Token::Kind kind, std::string_view text, bool glued, bool quiet)
        : kind(kind), text(text), glued(glued), quiet(quiet) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator&, const Ctx& context, x3::unused_type, Attribute&) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        if (!state.abandoned() && first->kind == kind && first->text == text && (!glued || first->glued)) return ++first, true;
        if (!quiet) state.expected(first, text, true);
        return false;
    }
};
constexpr Literal sign(std::string_view text) { return {Token::sign, text, false, false}; }
constexpr Literal quiet_sign(std::string_view text) { return {Token::sign, text, false, true}; }
/// The bracket of a call or a read.
constexpr Literal glued_sign(std::string_view text) { return {Token::sign, text, true, true}; }
/// A reserved word.
constexpr Literal word(std::string_view text) { return {Token::reserved, text, false, false}; }
/// A word that is a keyword only here.
constexpr Literal keyword(std::string_view text) { return {Token::name, text, false, false}; }

/// Any token of a kind; the attribute is the token.
struct Terminal : x3::parser<Terminal> {
    using attribute_type = Iterator;
    static constexpr bool has_attribute = true;
    Token::Kind kind;
    std::string_view called;

    constexpr Terminal(Token::Kind kind, std::string_view called) : kind(kind), called(called) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator&, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        if (state.abandoned() || first->kind != kind) return state.expected(first, called, false), false;
        x3::traits::move_to(Iterator(first++), attribute);
        return true;
    }
};

/// One of a few signs or words, each with what it means.
template <class Meaning, std::size_t N>
struct Choice : x3::parser<Choice<Meaning, N>> {
    struct Entry {
        std::string_view text;
        Meaning meaning;
    };
    using attribute_type = Meaning;
    static constexpr bool has_attribute = true;
    std::array<Entry, N> entries;

    constexpr explicit Choice(const Entry (&list)[N]) : entries(std::to_array(list)) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator&, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        if (!state.abandoned() && (first->kind == Token::sign || first->kind == Token::reserved))
            for (const Entry& entry : entries)
                if (first->text == entry.text) {
                    x3::traits::move_to(Meaning(entry.meaning), attribute);
                    return ++first, true;
                }
        return state.expected(first, "an operator", false), false;
    }
};
template <class Meaning, std::size_t N>
constexpr auto one_of(const typename Choice<Meaning, N>::Entry (&entries)[N]) {
    return Choice<Meaning, N>(entries);
}

/// Looks ahead: succeeds without consuming where `test(token)` holds.
template <class Test>
struct When : x3::parser<When<Test>> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;
    Test test;
    constexpr explicit When(Test test) : test(test) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator&, const Ctx& context, x3::unused_type, Attribute&) const {
        return test(first, x3::get<ParseStateTag>(context));
    }
};
template <class Test>
constexpr When<Test> when(Test test) {
    return When<Test>(test);
}

// ------------------------------------------------------------------ directives

// Alternatives that all make a T have, to Spirit, the attribute variant<T, T, …>; here it is T.
template <class Attribute>
struct Plain {
    using type = Attribute;
};
template <class T, class... Others>
requires(std::is_same_v<T, Others>&&...) struct Plain<boost::variant<T, Others...>> {
    using type = T;
};
template <class... Parts>
struct Plain<boost::fusion::deque<Parts...>> {
    using type = boost::fusion::deque<typename Plain<Parts>::type...>;
};
template <class Parser>
using AttributeOf = typename Plain<typename x3::traits::attribute_of<Parser, Context>::type>::type;

template <class Subject, class Derived, class Attribute>
struct Directive : x3::unary_parser<Subject, Derived> {
    using attribute_type = Attribute;
    static constexpr bool has_attribute = !std::is_same_v<Attribute, x3::unused_type>;
    static constexpr bool handles_container = false;
    constexpr explicit Directive(const Subject& subject) : x3::unary_parser<Subject, Derived>(subject) {}
};

/// `p`, described to the user in one phrase when nothing of it could be read.
template <class Subject>
struct Called : Directive<Subject, Called<Subject>, AttributeOf<Subject>> {
    std::string_view phrase;
    constexpr Called(const Subject& subject, std::string_view phrase)
        : Directive<Subject, Called, AttributeOf<Subject>>(subject), phrase(phrase) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        const Iterator begin = first;
        const std::size_t notes = state.notes(begin);
        if (this->subject.parse(first, last, context, x3::unused, attribute)) return true;
        state.summarise(begin, notes, phrase);
        return false;
    }
};
template <class Parser>
constexpr Called<Parser> called(std::string_view phrase, const Parser& parser) {
    return {parser, phrase};
}

/// `p` one level further in; the recursion of the grammar passes through here.
template <class Subject>
struct Deeper : Directive<Subject, Deeper<Subject>, AttributeOf<Subject>> {
    using Directive<Subject, Deeper, AttributeOf<Subject>>::Directive;

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        if (++state.depth > kMaxDepth) state.abandon(first);
        const bool ok = !state.abandoned() && this->subject.parse(first, last, context, x3::unused, attribute);
        --state.depth;
        return ok;
    }
};
template <class Parser>
constexpr Deeper<Parser> deeper(const Parser& parser) {
    return Deeper<Parser>(parser);
}

/// `p` or nothing.
template <class Subject>
struct Maybe : Directive<Subject, Maybe<Subject>, std::optional<AttributeOf<Subject>>> {
    using Directive<Subject, Maybe, std::optional<AttributeOf<Subject>>>::Directive;

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        const Iterator begin = first;
        AttributeOf<Subject> value{};
        if (this->subject.parse(first, last, context, x3::unused, value))
            attribute = std::move(value);
        else
            first = begin;
        return true;
    }
};
template <class Parser>
constexpr Maybe<Parser> maybe(const Parser& parser) {
    return Maybe<Parser>(parser);
}

/// Whether the parser, which has no attribute, matches here.
template <class Subject>
struct Given : Directive<Subject, Given<Subject>, bool> {
    using Directive<Subject, Given, bool>::Directive;

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        attribute = this->subject.parse(first, last, context, x3::unused, x3::unused);
        return true;
    }
};
template <class Parser>
constexpr Given<Parser> given(const Parser& parser) {
    return Given<Parser>(parser);
}

/// `{p}`: the links of a chain, each of which makes the tree one higher.
template <class Subject>
struct Chain : Directive<Subject, Chain<Subject>, Many<AttributeOf<Subject>>> {
    using Directive<Subject, Chain, Many<AttributeOf<Subject>>>::Directive;

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        while (true) {
            const Iterator begin = first;
            const int so_far = std::exchange(state.height, 0);
            AttributeOf<Subject> value{};
            if (!this->subject.parse(first, last, context, x3::unused, value)) {
                first = begin;
                state.height = so_far;
                return !state.abandoned();
            }
            attribute.items.push_back(std::move(value));
            state.height = std::max(so_far, state.height) + 1;
            if (state.height > kMaxHeight) return state.abandon(begin), false;
        }
    }
};
template <class Parser>
constexpr Chain<Parser> chain(const Parser& parser) {
    return Chain<Parser>(parser);
}

/// `[p % ","]`, or `p % ","` when at least one is wanted; a comma may follow the last.
template <class Subject>
struct Listed : Directive<Subject, Listed<Subject>, Many<AttributeOf<Subject>>> {
    bool may_be_empty;
    constexpr Listed(const Subject& subject, bool may_be_empty)
        : Directive<Subject, Listed, Many<AttributeOf<Subject>>>(subject), may_be_empty(may_be_empty) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        while (true) {
            const Iterator begin = first;
            AttributeOf<Subject> value{};
            if (!this->subject.parse(first, last, context, x3::unused, value)) {
                first = begin;
                return may_be_empty || !attribute.items.empty();
            }
            attribute.items.push_back(std::move(value));
            if (!sign(",").parse(first, last, context, x3::unused, x3::unused)) return true;
        }
    }
};
template <class Parser>
constexpr Listed<Parser> list_of(const Parser& parser) {
    return {parser, false};
}
template <class Parser>
constexpr Listed<Parser> maybe_list_of(const Parser& parser) {
    return {parser, true};
}

/// `"{" {p} "}"`.  An error inside is reported here, and reading goes on at the next token for which `starts` holds, so that the
/// block itself never fails.
template <class Subject>
struct Braced : Directive<Subject, Braced<Subject>, Many<AttributeOf<Subject>>> {
    bool (*starts)(Iterator);
    constexpr Braced(const Subject& subject, bool (*starts)(Iterator))
        : Directive<Subject, Braced, Many<AttributeOf<Subject>>>(subject), starts(starts) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        const Iterator opener = first;
        if (!sign("{").parse(first, last, context, x3::unused, x3::unused)) return false;
        const Iterator closer = state.token(opener->partner);
        while (first < closer) {
            const Iterator begin = first;
            AttributeOf<Subject> value{};
            if (this->subject.parse(first, last, context, x3::unused, value)) {
                attribute.items.push_back(std::move(value));
            } else {
                if (state.abandoned()) return false;
                first = next(state, opener, closer, std::max(state.report(begin), begin + (begin->starts_line ? 1 : 0)));
            }
        }
        // Where no `}` belongs to the `{`, that has been reported, and what stands instead is not ours.
        if (first == closer && first->text == "}") ++first;
        return true;
    }

private:
    /// The first place from `at` on, on the level of the block, where a line and an entry begin.
    Iterator next(const ParseState& state, Iterator opener, Iterator closer, Iterator at) const {
        while (at < closer && at->opener != Token::kNone && state.token(at->opener) > opener)
            at = state.token(state.token(at->opener)->partner);
        for (; at < closer; ++at) {
            const bool level = at->opener != Token::kNone && state.token(at->opener) == opener;
            if (level && at->starts_line && starts(at)) return at;
        }
        return closer;
    }
};
template <class Parser>
constexpr Braced<Parser> braced(const Parser& parser, bool (*starts)(Iterator)) {
    return {parser, starts};
}

template <class Result, class Make, class... Parts>
Result assemble(const Make& make, const Where& where, boost::fusion::deque<Parts...>& parts) {
    return [&]<std::size_t... I>(std::index_sequence<I...>)->Result {
        return make(where, std::move(boost::fusion::at_c<I>(parts))...);
    }
    (std::index_sequence_for<Parts...>{});
}
template <class Result, class Make>
Result assemble(const Make& make, const Where& where, x3::unused_type) {
    return make(where);
}
template <class Result, class Make, class Part>
Result assemble(const Make& make, const Where& where, Part& part) {
    return make(where, std::move(part));
}

/// Parses `p` and makes a Result of its parts: `make(where, part...)`.
template <class Result, class Subject, class Make>
struct Build : Directive<Subject, Build<Result, Subject, Make>, Result> {
    Make make;
    constexpr Build(const Subject& subject, Make make) : Directive<Subject, Build, Result>(subject), make(make) {}

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator& last, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        const Iterator begin = first;
        const int beside = std::exchange(state.height, 0);
        AttributeOf<Subject> parts{};
        if (!this->subject.parse(first, last, context, x3::unused, parts)) {
            first = begin;
            state.height = beside;
            return false;
        }
        if (++state.height > kMaxHeight) return state.abandon(begin), false;
        state.height = std::max(state.height, beside);
        x3::traits::move_to(assemble<Result>(make, Where(state.span(begin, first)), parts), attribute);
        return true;
    }
};
template <class Result, class Parser, class Make>
constexpr auto build(const Parser& parser, Make make) {
    using Subject = typename x3::extension::as_parser<Parser>::value_type;
    return Build<Result, Subject, Make>(x3::as_parser(parser), make);
}

/// An optional part as the tree holds it.
inline ExprRef or_empty(std::optional<ExprRef>&& part) { return part ? std::move(*part) : ExprRef(); }

}  // namespace dlc::text::grammar
