// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

#include <crosstrace/archive/detail/code_check.h>
#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/parser.h>
#include <torch/csrc/jit/frontend/tree_views.h>

#include <memory>
#include <stdexcept>

namespace crosstrace::detail {
namespace {

namespace jit = torch::jit;

std::string text_of(const jit::TreeRef& tree) {
  const std::string text = tree->range().text().str();
  return text.substr(0, text.find('\n'));
}

/// Makes a value of values, and does nothing else.
bool is_constructor(const std::string& callee) {
  for (const char* known : {"annotate", "float", "int", "bool", "complex", "torch.device",
                            "torch.complex", "uninitialized"}) {
    if (callee == known) return true;
  }
  return false;
}

/// @returns what is no value in an expression; null if all is.
jit::TreeRef first_call(const jit::TreeRef& tree) {
  switch (tree->kind()) {
    case jit::TK_APPLY:
      if (!is_constructor(text_of(jit::Apply(tree).callee().tree()))) return tree;
      break;
    case jit::TK_VAR:
    case jit::TK_CONST:
    case jit::TK_STRINGLITERAL:
    case jit::TK_TRUE:
    case jit::TK_FALSE:
    case jit::TK_NONE:
    case jit::TK_NONE_TYPE:
    case jit::TK_UNARY_MINUS:
    case jit::TK_LIST_LITERAL:
    case jit::TK_TUPLE_LITERAL:
    case jit::TK_DICT_LITERAL:
    case jit::TK_LIST:
    case jit::TK_OPTION:
    case jit::TK_IDENT:
    case jit::TK_STRING:
    case jit::TK_SUBSCRIPT:  // A type, of annotate.
    case '.':
    case '+':  // Of complex numbers.
    case '-':
      break;
    default:
      return tree;
  }
  for (const jit::TreeRef& part : tree->trees()) {
    if (jit::TreeRef call = first_call(part)) return call;
  }
  return {};
}

class CodeCheck {
 public:
  explicit CodeCheck(const std::string& record) : record_(record) {}

  void check_value(const jit::TreeRef& value) const {
    const jit::TreeRef call = first_call(value);
    if (!call) return;
    const jit::SourceRange& range = call->range();
    const std::string what = call->kind() == jit::TK_APPLY
                                 ? text_of(jit::Apply(call).callee().tree()) + "(...)"
                                 : text_of(call);
    throw std::runtime_error("its record " + record_ +
                             " calls something where a value belongs: " + what + " in line " +
                             std::to_string(range.source()->lineno_for_offset(range.start()) + 1));
  }

  /// Functions within functions too.
  void check_defaults(const jit::TreeRef& tree) const {
    if (tree->kind() == jit::TK_PARAM) {
      if (const auto value = jit::Param(tree).defaultValue(); value.present()) {
        check_value(value.get().tree());
      }
      return;
    }
    for (const jit::TreeRef& part : tree->trees()) check_defaults(part);
  }

  void check_class(const jit::ClassDef& definition) const {
    for (const jit::Stmt& statement : definition.body()) {
      if (statement.kind() == jit::TK_ASSIGN) {
        const jit::Assign assign(statement);
        const bool is_type = assign.lhs().kind() == jit::TK_SUBSCRIPT;  // __annotations__["0"]
        if (assign.rhs().present() && !is_type) check_value(assign.rhs().get().tree());
      }
    }
    check_defaults(definition.tree());
  }

 private:
  const std::string& record_;
};

/// As LibTorch's importer goes through a file (SourceImporterImpl::parseSourceIfNeeded).
void check(jit::Parser& parser, const CodeCheck& check) {
  jit::Lexer& lexer = parser.lexer();
  const auto skip_line = [&] {
    while (lexer.cur().kind != jit::TK_NEWLINE && lexer.cur().kind != jit::TK_EOF) lexer.next();
    if (lexer.cur().kind == jit::TK_NEWLINE) lexer.next();
  };
  const auto is_version = [&] {
    return lexer.cur().kind == jit::TK_IDENT && lexer.cur().text() == "op_version_set";
  };
  while (lexer.cur().kind != jit::TK_EOF) {
    if (lexer.cur().kind == jit::TK_IMPORT || is_version()) {
      skip_line();
    } else if (lexer.cur().kind == jit::TK_CLASS_DEF) {
      check.check_class(jit::ClassDef(parser.parseClass()));
    } else if (lexer.cur().kind == jit::TK_DEF) {
      check.check_defaults(parser.parseFunction(/*is_method=*/false));
    } else {
      return;
    }
  }
}

}  // namespace

void check_code(std::string_view code, const std::string& name) {
  try {
    jit::Parser parser(std::make_shared<jit::Source>(std::string(code), name, 1));
    check(parser, CodeCheck(name));
  } catch (const jit::ErrorReport&) {  // No TorchScript; LibTorch says where.
  }
}

}  // namespace crosstrace::detail
